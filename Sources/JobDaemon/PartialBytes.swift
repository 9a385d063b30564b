import JobModel

/// How many bytes of resumable uploads have come, for each upload, for each account and in all; they count as stored.
struct PartialBytes {
    private var sizes: [FileID: (bytes: Int64, account: Account?)] = [:]
    private var uses: [Account: Int64] = [:]
    private(set) var total: Int64 = 0

    /// Those of an account; 0 for nobody.
    func bytes(of account: Account?) -> Int64 { account.flatMap { uses[$0] } ?? 0 }

    mutating func set(_ bytes: Int64, of upload: FileID, for account: Account?) {
        remove(upload)
        sizes[upload] = (bytes, account)
        change(account, by: bytes)
    }

    mutating func remove(_ upload: FileID) {
        guard let known = sizes.removeValue(forKey: upload) else { return }
        change(known.account, by: -known.bytes)
    }

    private mutating func change(_ account: Account?, by bytes: Int64) {
        total = total.adding(bytes)
        guard let account else { return }
        let sum = (uses[account] ?? 0).adding(bytes)
        uses[account] = sum == 0 ? nil : sum
    }
}
