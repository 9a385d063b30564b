/// How much there may be at a time, for each account and in all.
///
/// What is 0 has no limit.
package struct Quotas: Hashable, Sendable {
    /// What is counted.
    package enum Kind: String, Hashable, Sendable {
        case openJobs, storedBytes, uploads, unfinishedUploads
    }

    /// Whom a limit is for.
    package enum Scope: String, Hashable, Sendable {
        case owner, total
    }

    /// The limits of one owner, or of all together.
    package struct Quota: Hashable, Sendable {
        /// Jobs that have not ended.
        package var openJobs: Int
        /// Bytes of files and of what jobs made.
        package var storedBytes: Int64
        /// Jobs of one account that run before its others wait behind those of everybody else; never of the total.
        package var runningJobs: Int
        /// Uploads that arrive.
        package var uploads: Int
        /// Resumable uploads that have not come whole, whether they arrive at this moment or not.
        package var unfinishedUploads: Int

        package init(
            openJobs: Int = 0, storedBytes: Int64 = 0, runningJobs: Int = 0, uploads: Int = 0,
            unfinishedUploads: Int = 0
        ) {
            self.runningJobs = runningJobs
            self.openJobs = openJobs
            self.storedBytes = storedBytes
            self.uploads = uploads
            self.unfinishedUploads = unfinishedUploads
        }

        /// The limit of one kind; 0: none.
        package subscript(kind: Kind) -> Int64 {
            switch kind {
            case .openJobs: Int64(openJobs)
            case .storedBytes: storedBytes
            case .uploads: Int64(uploads)
            case .unfinishedUploads: Int64(unfinishedUploads)
            }
        }
    }

    /// For each owner, and for nobody from one place.
    package var owner: Quota
    /// For everybody together.
    package var total: Quota

    package init(owner: Quota = Quota(), total: Quota = Quota()) {
        self.owner = owner
        self.total = total
    }

    /// Refuses what would be more than there may be.
    ///
    /// - Parameters:
    ///   - kind: What it would be more of.
    ///   - account: Whose it would be; nil for somebody who counts in the total only.
    ///   - own: What the account would have with it.
    ///   - all: What there would be in all.
    /// - Throws: ``JobError/quotaExceeded(_:_:limit:)``.
    package func check(_ kind: Kind, of account: Account?, own: Int64, all: Int64) throws(JobError) {
        if account != nil, owner[kind] > 0, own > owner[kind] {
            throw .quotaExceeded(kind, .owner, limit: owner[kind])
        }
        if total[kind] > 0, all > total[kind] { throw .quotaExceeded(kind, .total, limit: total[kind]) }
    }
}
