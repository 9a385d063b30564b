/// The resumable uploads, and how many of each account are not finished.
struct UploadIndex {
    private(set) var ids: Set<FileID> = []
    private var unfinished: [Account: Int] = [:]
    /// With those that nobody is charged for.
    private(set) var unfinishedCount = 0

    func unfinishedCount(of account: Account?) -> Int { account.flatMap { unfinished[$0] } ?? 0 }

    /// Takes over what there is of an upload, in the place of what there was.
    mutating func replace(_ before: UploadRecord?, with after: UploadRecord?) {
        if let before { ids.remove(before.fileId) }
        count(before, by: -1)
        if let after { ids.insert(after.fileId) }
        count(after, by: 1)
    }

    private mutating func count(_ record: UploadRecord?, by change: Int) {
        guard let record, record.finishedAt == nil else { return }
        unfinishedCount += change
        guard let account = record.account else { return }
        let count = (unfinished[account] ?? 0) + change
        unfinished[account] = count == 0 ? nil : count
    }
}
