package dev.emrys.local

import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider
import software.amazon.awssdk.core.exception.SdkClientException
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient
import software.amazon.awssdk.services.emr.EmrClient

/** A job that calls AWS with the credentials that the SDK finds. Run as a step. */
internal object AwsProbe {
    @JvmStatic
    fun main(args: Array<String>) {
        println(
            "key " + DefaultCredentialsProvider.builder().build().resolveCredentials().accessKeyId()
        )
        try {
            EmrClient.builder().httpClient(UrlConnectionHttpClient.create()).build().use {
                it.listClusters()
            }
            println("reached something")
        } catch (e: SdkClientException) {
            val causes =
                generateSequence<Throwable>(e) { it.cause }.map { it.message.orEmpty() }.toList()
            val where =
                System.getenv("AWS_ENDPOINT_URL").removePrefix("http://").takeIf {
                    causes.any { cause -> cause.contains("Connection refused") }
                }
            println("failed to reach $where: $causes")
        }
    }
}
