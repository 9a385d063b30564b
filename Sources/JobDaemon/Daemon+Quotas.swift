import JobModel
import JobWire
import NIOCore

/// What arrives, by whichever door, within what there may be.
extension Daemon {
    /// Takes note of an upload that a front receives, or refuses more of it.
    func note(_ report: UploadReport, by access: Access, for listener: any WatchListener, reply: @escaping Reply) {
        let front = ObjectIdentifier(listener)
        guard !report.hasEnded else {
            arrivals.end(report.upload, on: front)
            if let stored = report.stored { note(stored) }
            return reply(.success(ByteBuffer(string: "{}")))
        }
        do throws(JobError) {
            try checkArrival(report, of: access.account, on: front)
        } catch {
            return reply(.failure(Refusal(error)))
        }
        // A connection that has ended meanwhile is not to be remembered.
        guard listener.isActive else { return }
        arrivals.note(report.bytes, of: report.upload, for: access.account, on: front)
        reply(.success(ByteBuffer(string: "{}")))
    }

    private func checkArrival(
        _ report: UploadReport, of account: Account?, on front: ObjectIdentifier
    ) throws(JobError) {
        // What was announced is not kept free, but what cannot fit need not come.
        let bytes = max(report.bytes, report.announced ?? 0)
        let (own, all) = arrivals.use(with: bytes, of: report.upload, for: account, on: front)
        try committer.map.rules.quotas.check(
            .uploads, of: account, own: Int64(own.uploads), all: Int64(all.uploads + uploads.count))
        let ownBytes = own.bytes.adding(partials.bytes(of: account))
        let allBytes = all.bytes.adding(partials.total)
        try committer.map.checkStoredBytes(
            account == nil ? allBytes : ownBytes, of: account,
            others: account == nil ? 0 : allBytes.adding(-ownBytes))
    }

    /// Takes note of how much has come of an upload in pieces.
    private func note(_ stored: UploadReport.Stored) {
        guard let record = committer.map.upload(stored.fileId), record.finishedAt == nil else { return }
        partials.set(stored.bytes, of: stored.fileId, for: record.account)
    }

    /// Whether another upload may arrive over a socket; those who use it count in the total only.
    func checkUploadOfSocket() throws(JobError) {
        try committer.map.rules.quotas.check(
            .uploads, of: nil, own: 0, all: Int64(arrivals.total.uploads + uploads.count + 1))
    }
}
