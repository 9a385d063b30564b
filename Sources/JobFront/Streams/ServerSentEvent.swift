import JobModel
import NIOCore

/// The texts of an event stream; HTML standard, section 9.2.
enum ServerSentEvent {
    static let headers: [HTTPResponse.Header] = [
        .init(name: "Content-Type", value: "text/event-stream"),
        // A proxy that compressed it would keep events back.
        .init(name: "Cache-Control", value: "no-store, no-transform"),
        .init(name: "X-Accel-Buffering", value: "no"),
    ]

    /// Keeps proxies from giving a silent stream up; without an empty line, which some readers take for an event.
    static let heartbeat = ByteBuffer(string: ":\n")

    /// When a reader shall come back: in about a second, so that not all of them come at once.
    ///
    /// A line of the event that follows, which then is one for every reader.
    static func retry() -> ByteBuffer { ByteBuffer(string: "retry: \(Int.random(in: 750...1250))\n") }

    /// A whole stream that only says when to come back.
    static func comeBack() -> HTTPResponse {
        var text = retry()
        text.writeStaticString("\n")
        return HTTPResponse(200, headers: headers, body: .bytes(text))
    }

    /// An unnamed event with JSON on one line; its id is the version of the job.
    ///
    /// Of a batch, the id is the number of the event in its stream, and of the last event the moment of the batch's end.
    static func state(version: Int64, job: ByteBufferView) -> ByteBuffer {
        var event = ByteBuffer()
        event.reserveCapacity(job.count + 40)
        event.writeStaticString("id: ")
        event.writeString(String(version))
        event.writeStaticString("\ndata: ")
        event.writeBytes(job)
        event.writeStaticString("\n\n")
        return event
    }

    /// A job of several was deleted.
    static func gone(_ jobId: JobID) -> ByteBuffer {
        ByteBuffer(string: "event: gone\ndata: {\"jobId\":\"\(jobId)\"}\n\n")
    }

    /// A comment that no news can come, because the daemon does not answer; or that they can again.
    static func presence(isAway: Bool) -> ByteBuffer { isAway ? away : back }

    private static let away = ByteBuffer(string: ": away\n")
    private static let back = ByteBuffer(string: ": back\n")

    /// All of several jobs have ended.
    static let end = ByteBuffer(string: "event: end\ndata: {}\n\n")

    /// The version that a reader saw last: from the header, else from `?lastEventId=`; what is not a number counts as absent.
    static func lastVersion(_ request: HTTPRequest) -> Int64? {
        request.header("LAST_EVENT_ID").flatMap { Int64($0) } ?? request.query["lastEventId"].flatMap { Int64($0) }
    }
}
