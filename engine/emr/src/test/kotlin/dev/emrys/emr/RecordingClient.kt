package dev.emrys.emr

import java.lang.reflect.InvocationHandler
import java.lang.reflect.InvocationTargetException
import java.lang.reflect.Method
import java.lang.reflect.Proxy
import java.time.Instant
import java.time.InstantSource
import software.amazon.awssdk.services.emr.EmrClient
import software.amazon.awssdk.services.emr.model.EmrRequest

/** Records every call to a client, each page as its own, and can change what happens. */
class RecordingClient(private val target: EmrClient, private val clock: InstantSource) :
    InvocationHandler {
    data class Call(val operation: String, val request: EmrRequest, val at: Instant)

    val calls = mutableListOf<Call>()

    /** Called before the call reaches the endpoint; what it throws is the answer. */
    var before: (String) -> Unit = {}

    /**
     * Called when the endpoint has executed the call; what it throws takes the place of the answer.
     */
    var after: (String) -> Unit = {}

    /** What is answered in place of what the endpoint has answered. */
    var answer: (Any?) -> Any? = { it }

    val client =
        Proxy.newProxyInstance(
            EmrClient::class.java.classLoader,
            arrayOf(EmrClient::class.java),
            this,
        ) as EmrClient

    /** Without the renewals of life leases, which have tests of their own. */
    fun operations() = calls.map { it.operation }.filterNot { it == "AddTags" }

    inline fun <reified R : EmrRequest> requests() = calls.map { it.request }.filterIsInstance<R>()

    override fun invoke(proxy: Any, method: Method, args: Array<out Any?>?): Any? {
        val request = args?.singleOrNull()
        if (request !is EmrRequest || method.name.endsWith("Paginator")) {
            // Consumers and paginators are conveniences of the interface that end in a call on this
            // client again.
            return if (method.isDefault)
                InvocationHandler.invokeDefault(proxy, method, *args.orEmpty())
            else method.invoke(target, *args.orEmpty())
        }
        val operation = method.name.replaceFirstChar { it.uppercaseChar() }
        calls += Call(operation, request, clock.instant())
        before(operation)
        val response =
            try {
                method.invoke(target, request)
            } catch (e: InvocationTargetException) {
                throw e.targetException
            }
        after(operation)
        return answer(response)
    }
}
