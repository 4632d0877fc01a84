package dev.emrys.emulator

import com.fasterxml.jackson.databind.JsonNode
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.ByteArrayInputStream
import java.lang.reflect.Method
import java.net.URI
import java.time.Instant
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy
import software.amazon.awssdk.core.SdkField
import software.amazon.awssdk.core.SdkPojo
import software.amazon.awssdk.core.protocol.MarshallingType
import software.amazon.awssdk.core.traits.ListTrait
import software.amazon.awssdk.core.traits.MapTrait
import software.amazon.awssdk.http.AbortableInputStream
import software.amazon.awssdk.http.ExecutableHttpRequest
import software.amazon.awssdk.http.HttpExecuteRequest
import software.amazon.awssdk.http.HttpExecuteResponse
import software.amazon.awssdk.http.SdkHttpClient
import software.amazon.awssdk.http.SdkHttpFullResponse
import software.amazon.awssdk.regions.Region
import software.amazon.awssdk.services.emr.EmrClient
import software.amazon.awssdk.services.emr.model.EmrRequest
import software.amazon.awssdk.services.emr.model.EmrResponse
import software.amazon.awssdk.services.emr.model.ListClustersRequest
import software.amazon.awssdk.services.emr.model.ListStepsRequest
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest
import software.amazon.awssdk.utils.builder.SdkBuilder

/** Sets every member on every level to a different value. */
private class Filler {
    private var count = 0

    fun fill(builder: SdkPojo, depth: Int = 0): SdkPojo {
        builder.sdkFields().forEach { field -> value(field, depth)?.let { field.set(builder, it) } }
        return (builder as SdkBuilder<*, *>).build() as SdkPojo
    }

    private fun value(field: SdkField<*>, depth: Int): Any? {
        count++
        return when (field.marshallingType()) {
            MarshallingType.STRING -> "välue \"$count\"\n"
            MarshallingType.INTEGER -> count
            MarshallingType.LONG -> count.toLong() + Int.MAX_VALUE
            MarshallingType.DOUBLE -> count + 0.25
            MarshallingType.FLOAT -> count + 0.5f
            MarshallingType.BOOLEAN -> count % 2 == 0
            MarshallingType.INSTANT -> Instant.ofEpochMilli(1_795_174_839_000L + count % 1000)
            MarshallingType.SDK_POJO ->
                if (depth > 6) null else fill(field.constructor().get(), depth + 1)
            MarshallingType.LIST ->
                List(2) {
                        value(field.getTrait(ListTrait::class.java).memberFieldInfo(), depth + 1)
                    }
                    .takeIf { null !in it }
            MarshallingType.MAP ->
                value(field.getTrait(MapTrait::class.java).valueFieldInfo(), depth + 1)?.let {
                    mapOf("key $count" to it)
                }
            else -> error("${field.memberName()} is a ${field.marshallingType()}")
        }
    }
}

/** An HTTP client without a network: records the request and returns a fixed response. */
private class RecordingHttpClient : SdkHttpClient {
    var sent = ""
    var response = "{}"

    override fun prepareRequest(request: HttpExecuteRequest) =
        object : ExecutableHttpRequest {
            override fun call(): HttpExecuteResponse {
                sent =
                    request.contentStreamProvider().get().newStream().use {
                        it.readAllBytes().decodeToString()
                    }
                return HttpExecuteResponse.builder()
                    .response(
                        SdkHttpFullResponse.builder()
                            .statusCode(200)
                            .putHeader("Content-Type", "application/x-amz-json-1.1")
                            .build()
                    )
                    .responseBody(
                        AbortableInputStream.create(
                            ByteArrayInputStream(response.encodeToByteArray())
                        )
                    )
                    .build()
            }

            override fun abort() = Unit
        }

    override fun close() = Unit
}

private fun operations(): List<Method> =
    EmrClient::class.java.methods.filter {
        it.parameterCount == 1 &&
            EmrRequest::class.java.isAssignableFrom(it.parameterTypes[0]) &&
            EmrResponse::class.java.isAssignableFrom(it.returnType)
    }

private fun builder(type: Class<*>) = type.getMethod("builder").invoke(null) as SdkPojo

private val byValue: Comparator<JsonNode> = Comparator { a, b ->
    if (a.isNumber && b.isNumber) a.decimalValue().compareTo(b.decimalValue())
    else if (a == b) 0 else 1
}

class SdkJsonTest :
    FunSpec({
        val loop = RecordingHttpClient()
        val sdk =
            EmrClient.builder()
                .region(Region.US_EAST_1)
                .endpointOverride(URI.create("http://localhost"))
                .credentialsProvider(
                    StaticCredentialsProvider.create(AwsBasicCredentials.create("a", "b"))
                )
                .overrideConfiguration { it.retryStrategy(AwsRetryStrategy.doNotRetry()) }
                .httpClient(loop)
                .build()

        test("every request is written as the SDK writes it, and is the same when read back") {
            operations().size shouldBeGreaterThanOrEqual 59
            for (operation in operations()) withClue(operation.name) {
                val type = operation.parameterTypes[0]
                val request = Filler().fill(builder(type))
                loop.response = "{}"
                operation.invoke(sdk, request)
                val own = SdkJson.write(request)
                SdkJson.parse(own).equals(byValue, SdkJson.parse(loop.sent)) shouldBe true
                val read = builder(type).also { SdkJson.fill(SdkJson.parse(loop.sent), it, "") }
                (read as SdkBuilder<*, *>).build() shouldBe request
            }
        }

        test("every response is the same when the SDK reads it") {
            for (operation in operations()) withClue(operation.name) {
                val response = Filler().fill(builder(operation.returnType))
                loop.response = SdkJson.write(response)
                val request = (builder(operation.parameterTypes[0]) as SdkBuilder<*, *>).build()
                val read = operation.invoke(sdk, request)
                withClue("$read") { response.equalsBySdkFields(read) shouldBe true }
            }
        }

        test("instants are epoch seconds with three decimals, never in exponents") {
            val request =
                ListClustersRequest.builder().createdAfter(Instant.ofEpochMilli(1_795_174_839_000L))
            SdkJson.write(request.build()) shouldBe """{"CreatedAfter":1795174839.000}"""
            val read =
                SdkJson.read("""{"CreatedAfter":1.795174839616E9}""", ListClustersRequest.builder())
            read.createdAfter() shouldBe Instant.ofEpochMilli(1_795_174_839_616L)
            SdkJson.read("""{"CreatedAfter":1795174839}""", ListClustersRequest.builder())
                .createdAfter() shouldBe Instant.ofEpochSecond(1_795_174_839)
        }

        test("absent lists stay absent, empty ones stay empty, and unknown members are ignored") {
            SdkJson.write(ListStepsRequest.builder().build()) shouldBe "{}"
            val empty = ListStepsRequest.builder().stepIds(listOf<String>()).build()
            SdkJson.write(empty) shouldBe """{"StepIds":[]}"""
            SdkJson.read("""{"New":{"a":1},"Marker":null}""", ListStepsRequest.builder()) shouldBe
                ListStepsRequest.builder().build()
        }

        test("a wrong type is rejected with its position") {
            shouldThrow<MalformedJsonException> {
                    SdkJson.read("""{"Steps":[{"Name":7}]}""", RunJobFlowRequest.builder())
                }
                .message!! shouldContain
                "'/Steps/0/Name' is of the JSON type NUMBER, where a string is expected"
            shouldThrow<MalformedJsonException> { SdkJson.read("[]", RunJobFlowRequest.builder()) }
            shouldThrow<MalformedJsonException> { SdkJson.read("{", RunJobFlowRequest.builder()) }
        }
    })
