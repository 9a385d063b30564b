import JobModel
import JobWire
import NIOCore

/// One state of a job as streams show it.
struct JobState: Sendable {
    let jobId: JobID
    let version: Int64
    let isFinal: Bool
    /// The whole event.
    let event: ByteBuffer

    /// Nil when the JSON is not a job.
    init?(job: ByteBufferView) {
        guard let version = JSONSlices.integer("version", of: job),
            let jobId = JSONSlices.word("jobId", of: job).flatMap(JobID.init),
            let status = JSONSlices.word("status", of: job)
        else { return nil }
        self.jobId = jobId
        self.version = version
        isFinal = JobStatus(rawValue: status)?.isFinal ?? false
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
