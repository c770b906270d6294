/// Where in a trace the requests of a task are: header fields for endpoints that are to be told (W3C Trace Context).
///
/// Beside the request, which stays the same: it says what is asked, not who asks.
package enum OutgoingTrace {
    @TaskLocal package static var fields: [(name: String, value: String)] = []
}
