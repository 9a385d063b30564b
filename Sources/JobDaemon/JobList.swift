import JSON
import JobModel
import JobStorage
import JobWire
import NIOCore

/// A page of jobs as it is sent: cut at ``byteLimit``, so that no reply grows with what clients put into their jobs.
struct JobList {
    static let byteLimit = JobQuery.byteLimit

    private let page: JobPage

    init(_ page: JobPage) { self.page = page }

    func encoded() -> ByteBuffer {
        var bytes = Array(#"{"jobs":["#.utf8)
        var next = page.next
        var previous: Job?
        for job in page.jobs {
            let encoded = job.encoded(.listed)
            if let previous, bytes.count + encoded.count > Self.byteLimit {
                next = JobQuery.Position(previous)
                break
            }
            if previous != nil { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: encoded)
            previous = job
        }
        let cursor = next.map { JSONValue.string($0.cursor) } ?? .null
        bytes.append(contentsOf: #"],"nextCursor":\#(cursor.text)}"#.utf8)
        return ByteBuffer(bytes: bytes)
    }
}
