import JobModel
import JobWire
import NIOCore

/// The texts of an event stream; HTML standard, section 9.2.
enum ServerSentEvent {
    static let headers: [HTTPResponse.Header] = [
        .init(name: "Content-Type", value: "text/event-stream"), .noStore,
        .init(name: "X-Accel-Buffering", value: "no"),
    ]

    /// Keeps proxies from giving a silent stream up.
    static let heartbeat = ByteBuffer(string: ":\n\n")

    /// When a reader shall come back: in about a second, so that not all of them come at once.
    static func retry() -> ByteBuffer { ByteBuffer(string: "retry: \(Int.random(in: 750...1250))\n\n") }

    /// An unnamed event with the version as its id; the job is JSON on one line.
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

    /// All of several jobs have ended.
    static let end = ByteBuffer(string: "event: end\ndata: {}\n\n")

    /// The version that a reader saw last: from the header, else from `?lastEventId=`; what is no number counts as absent.
    static func lastVersion(_ request: HTTPRequest) -> Int64? {
        request.header("LAST_EVENT_ID").flatMap { Int64($0) } ?? request.query["lastEventId"].flatMap { Int64($0) }
    }
}

/// One state of a job as streams show it.
struct JobState: Sendable {
    let jobId: JobID
    let version: Int64
    let isFinal: Bool
    /// The whole event.
    let event: ByteBuffer

    /// Nil when the JSON is no job.
    init?(job: ByteBufferView) {
        guard let version = JSONSlices.integer("version", of: job),
            let jobId = JSONSlices.word("jobId", of: job).flatMap(JobID.init),
            let status = JSONSlices.word("status", of: job)
        else { return nil }
        self.jobId = jobId
        self.version = version
        isFinal = ["completed", "failed", "cancelled"].contains(status)
        event = ServerSentEvent.state(version: version, job: job)
    }

    /// The job as the daemon wrote it.
    var json: ByteBuffer {
        let head = "id: \(version)\ndata: ".utf8.count
        return event.getSlice(at: event.readerIndex + head, length: event.readableBytes - head - 2) ?? event
    }

    /// The event without its id, for streams of several jobs.
    var unnumberedEvent: ByteBuffer {
        let idLine = "id: \(version)\n".utf8.count
        return event.getSlice(at: event.readerIndex + idLine, length: event.readableBytes - idLine) ?? event
    }
}
