package dev.emrys.storage

import com.google.common.collect.ImmutableList
import dev.emrys.storage.logs.LogGroups
import dev.emrys.storage.logs.LogsService
import dev.emrys.testing.temporaryFolder
import java.net.URI
import java.nio.file.Path
import java.time.InstantSource
import java.util.Optional
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation
import software.amazon.awssdk.core.sync.RequestBody
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient
import software.amazon.awssdk.regions.Region
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient
import software.amazon.awssdk.services.s3.S3Client
import software.amazon.awssdk.services.s3.S3Configuration
import software.amazon.awssdk.services.s3.model.S3Exception
import software.amazon.awssdk.services.s3.presigner.S3Presigner

internal const val BUCKET = "a-bucket"

/** A served account: `client` as any program of the user, `step` as a step. */
internal class Storage(
    val folder: Path = temporaryFolder("emrys-storage"),
    clock: InstantSource = InstantSource.system(),
    region: String = "us-east-1",
) : AutoCloseable {
    private val server =
        StorageServer(
            folder,
            region,
            Optional.of(
                LogsService(
                    LogGroups(temporaryFolder("emrys-logs").resolve("logs"), clock),
                    region,
                    "000000000000",
                )
            ),
            ImmutableList.of(
                StorageCredential("client", "client-secret", false),
                StorageCredential("step", "step-secret", true),
            ),
            clock,
            0,
        )

    val uri: URI = server.uri()
    val client: S3Client = s3("client", "client-secret")
    val step: S3Client by lazy { s3("step", "step-secret") }

    val presigner: S3Presigner by lazy {
        S3Presigner.builder()
            .endpointOverride(uri)
            .region(Region.US_EAST_1)
            .serviceConfiguration(S3Configuration.builder().pathStyleAccessEnabled(true).build())
            .credentialsProvider(keys("client", "client-secret"))
            .build()
    }

    fun s3(
        key: String,
        secret: String,
        checksums: RequestChecksumCalculation = RequestChecksumCalculation.WHEN_SUPPORTED,
    ): S3Client =
        S3Client.builder()
            .endpointOverride(uri)
            .region(Region.US_EAST_1)
            .credentialsProvider(keys(key, secret))
            .requestChecksumCalculation(checksums)
            .overrideConfiguration { it.retryStrategy { retry -> retry.maxAttempts(1) } }
            .httpClient(UrlConnectionHttpClient.create())
            .build()

    fun logs(key: String, secret: String): CloudWatchLogsClient =
        CloudWatchLogsClient.builder()
            .endpointOverride(uri)
            .region(Region.US_EAST_1)
            .credentialsProvider(keys(key, secret))
            .overrideConfiguration { it.retryStrategy { retry -> retry.maxAttempts(1) } }
            .httpClient(UrlConnectionHttpClient.create())
            .build()

    private fun keys(key: String, secret: String) =
        StaticCredentialsProvider.create(AwsBasicCredentials.create(key, secret))

    override fun close() = server.close()
}

internal fun S3Client.put(key: String, text: String) {
    putObject({ it.bucket(BUCKET).key(key) }, RequestBody.fromString(text))
}

internal fun S3Client.text(key: String): String = getObjectAsBytes {
    it.bucket(BUCKET).key(key)
}
    .asUtf8String()

internal fun S3Client.keys(prefix: String = ""): List<String> = listObjectsV2Paginator {
    it.bucket(BUCKET).prefix(prefix)
}
    .contents()
    .map { it.key() }

/** The error that S3 gives: "404 NoSuchKey". */
internal fun errorOf(action: () -> Unit): String =
    try {
        action()
        "none"
    } catch (e: S3Exception) {
        "${e.statusCode()} ${e.awsErrorDetails()?.errorCode()}"
    }

internal inline fun withStorage(test: (Storage) -> Unit) =
    Storage().use {
        it.client.createBucket { request -> request.bucket(BUCKET) }
        test(it)
    }
