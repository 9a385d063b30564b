import JobModel
import JobWire

/// Uploads that are under way, by whichever way they come, and whether there may be more.
struct IncomingUploads {
    private var overSocket = OpenUploads()
    private var throughFronts = Arrivals()
    private var partials = PartialBytes()

    // MARK: Through the fronts

    /// Takes note of how much of an upload a front has received.
    mutating func note(_ report: UploadReport, for account: Account?, on front: ObjectIdentifier) {
        throughFronts.note(report.bytes, of: report.upload, for: account, on: front)
    }

    /// Forgets an upload of a front that has ended, whole or not.
    mutating func end(_ upload: String, on front: ObjectIdentifier) { throughFronts.end(upload, on: front) }

    /// Whether an upload may go on that a front tells of.
    func check(
        _ report: UploadReport, of account: Account?, on front: ObjectIdentifier, by map: JobMap
    ) throws(JobError) {
        // What was announced is not kept free, but what cannot fit need not come.
        let bytes = max(report.bytes, report.announced ?? 0)
        let (own, all) = throughFronts.use(with: bytes, of: report.upload, for: account, on: front)
        try map.rules.quotas.check(
            .uploads, of: account, own: Int64(own.uploads), all: Int64(all.uploads + overSocket.count))
        let ownBytes = own.bytes.adding(partials.bytes(of: account))
        let allBytes = all.bytes.adding(partials.total)
        try map.checkStoredBytes(
            account == nil ? allBytes : ownBytes, of: account,
            others: account == nil ? 0 : allBytes.adding(-ownBytes))
    }

    // MARK: Resumable uploads

    /// Takes note of how much lies on the disk of a resumable upload.
    mutating func setStored(_ bytes: Int64, of upload: FileID, for account: Account?) {
        partials.set(bytes, of: upload, for: account)
    }

    /// Forgets a resumable upload that is finished or taken back.
    mutating func removeStored(_ upload: FileID) { partials.remove(upload) }

    // MARK: Over the socket

    /// Whether another upload may begin over a socket; those who use it count in the total only.
    func checkSocket(_ quotas: Quotas) throws(JobError) {
        try quotas.check(.uploads, of: nil, own: 0, all: Int64(throughFronts.total.uploads + overSocket.count + 1))
    }

    /// See ``OpenUploads/reserve(for:)``.
    mutating func reserve(for connection: ObjectIdentifier) -> Bool { overSocket.reserve(for: connection) }

    /// See ``OpenUploads/begin(_:as:of:)``.
    mutating func begin(_ upload: FileID?, as purpose: OpenUploads.Purpose, of connection: ObjectIdentifier) -> Bool {
        overSocket.begin(upload, as: purpose, of: connection)
    }

    func isOpen(_ upload: FileID, of connection: ObjectIdentifier) -> Bool {
        overSocket.isOpen(upload, of: connection)
    }

    /// - Returns: What it was for; nil when it was not open.
    @discardableResult
    mutating func end(_ upload: FileID, of connection: ObjectIdentifier) -> OpenUploads.Purpose? {
        overSocket.end(upload, of: connection)
    }

    /// Ends uploads over sockets, whichever connections they belong to.
    mutating func end(_ uploads: [FileID]) { overSocket.end(uploads) }

    // MARK: Connections

    /// Forgets a connection that has ended; answers which uploads it leaves unfinished.
    mutating func endAll(of connection: ObjectIdentifier) -> [FileID] {
        throughFronts.endAll(on: connection)
        return overSocket.takeAll(of: connection)
    }
}
