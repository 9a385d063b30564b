import JobModel

/// Uploads that arrive over the control socket, and the connections that they belong to.
struct OpenUploads {
    /// For each connection; what begins counts already.
    static let maximumCount = 16

    /// What an upload becomes.
    enum Purpose: Hashable {
        case file
        /// Of the run that a lease is for; nil for the media type: what the content says.
        case artifact(LeaseProof, ArtifactName, mediaType: String?)
    }

    private struct Owned {
        /// Asked for, and not begun yet.
        var beginning = 0
        var uploads: [FileID: Purpose] = [:]
    }

    private var owners: [ObjectIdentifier: Owned] = [:]

    var count: Int { owners.values.reduce(0) { $0 + $1.beginning + $1.uploads.count } }

    /// Counts an upload that is about to begin; false when its connection has as many as it may have.
    mutating func reserve(for owner: ObjectIdentifier) -> Bool {
        let owned = owners[owner] ?? Owned()
        guard owned.beginning + owned.uploads.count < Self.maximumCount else { return false }
        owners[owner, default: owned].beginning += 1
        return true
    }

    /// Begins an upload that ``reserve(for:)`` has counted; with nil it is only not counted any more.
    ///
    /// - Returns: False when the connection has ended meanwhile, so that nobody wants the upload.
    mutating func begin(_ upload: FileID?, as purpose: Purpose, of owner: ObjectIdentifier) -> Bool {
        guard var owned = owners[owner], owned.beginning > 0 else { return false }
        owned.beginning -= 1
        if let upload { owned.uploads[upload] = purpose }
        set(owned, of: owner)
        return true
    }

    func isOpen(_ upload: FileID, of owner: ObjectIdentifier) -> Bool {
        owners[owner]?.uploads[upload] != nil
    }

    /// - Returns: What it was for; nil when it was not open.
    @discardableResult
    mutating func end(_ upload: FileID, of owner: ObjectIdentifier) -> Purpose? {
        guard var owned = owners[owner], let purpose = owned.uploads.removeValue(forKey: upload) else { return nil }
        set(owned, of: owner)
        return purpose
    }

    /// Ends uploads whoever they belong to.
    mutating func end(_ uploads: [FileID]) {
        guard !uploads.isEmpty else { return }
        for (owner, var owned) in owners {
            for upload in uploads { owned.uploads[upload] = nil }
            set(owned, of: owner)
        }
    }

    /// Forgets a connection that has ended; what it was still beginning is refused by ``begin(_:of:)``.
    mutating func takeAll(of owner: ObjectIdentifier) -> [FileID] {
        Array((owners.removeValue(forKey: owner)?.uploads ?? [:]).keys)
    }

    private mutating func set(_ owned: Owned, of owner: ObjectIdentifier) {
        owners[owner] = owned.beginning == 0 && owned.uploads.isEmpty ? nil : owned
    }
}
