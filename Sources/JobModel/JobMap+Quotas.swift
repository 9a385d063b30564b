/// How much there may be, and how much there is.
extension JobMap {
    /// Refuses more open jobs than there may be.
    ///
    /// - Parameters:
    ///   - count: How many are to be opened.
    ///   - account: Who is charged for them.
    ///   - access: Who asks; who counts in the totals only is held up by nobody's quota.
    /// - Throws: ``JobError/quotaExceeded(_:_:limit:)``.
    func checkOpenJobs(_ count: Int, of account: Account?, by access: Access) throws(JobError) {
        let account = access.account == nil ? nil : account
        try rules.quotas.check(
            .openJobs, of: account, own: Int64(indexes.quotas.use(of: account).openJobs + count),
            all: Int64(indexes.quotas.total.openJobs + count))
    }

    /// Refuses more bytes than there may be.
    package func checkStoredBytes(_ bytes: Int64, of account: Account?, others: Int64 = 0) throws(JobError) {
        try rules.quotas.check(
            .storedBytes, of: account, own: indexes.quotas.use(of: account).storedBytes.adding(bytes),
            all: indexes.quotas.total.storedBytes.adding(bytes).adding(others))
    }

    /// What an account has; nil: what there is in all.
    package func use(of account: Account?) -> (openJobs: Int, storedBytes: Int64) {
        let use = account == nil ? indexes.quotas.total : indexes.quotas.use(of: account)
        return (use.openJobs, use.storedBytes)
    }
}
