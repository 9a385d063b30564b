import JobModel

/// Uploads that fronts receive at this moment: for whom each is, and how much of it has come.
struct Arrivals {
    /// What one account has, or all have.
    struct Use: Hashable {
        var uploads = 0
        var bytes: Int64 = 0
    }

    private struct Arrival {
        let account: Account?
        var bytes: Int64
    }

    private var fronts: [ObjectIdentifier: [String: Arrival]] = [:]
    private var uses: [Account: Use] = [:]
    private(set) var total = Use()

    /// What there would be of an account, and in all, if an upload had so many bytes.
    func use(with bytes: Int64, of upload: String, for account: Account?, on front: ObjectIdentifier) -> (
        own: Use, all: Use
    ) {
        let known = fronts[front]?[upload]
        var own = account.flatMap { uses[$0] } ?? Use()
        var all = total
        if known == nil { all.uploads += 1 }
        all.bytes = all.bytes.adding(bytes).adding(-(known?.bytes ?? 0))
        let isOwn = known.map { $0.account == account } ?? false
        if !isOwn { own.uploads += 1 }
        own.bytes = own.bytes.adding(bytes).adding(isOwn ? -(known?.bytes ?? 0) : 0)
        return (own, all)
    }

    /// Takes note of how much of an upload has come.
    mutating func note(_ bytes: Int64, of upload: String, for account: Account?, on front: ObjectIdentifier) {
        let known = fronts[front]?[upload]
        // It stays with whom it began for, also where that is nobody who is charged.
        let arrival = Arrival(account: known.map { $0.account } ?? account, bytes: bytes)
        if let known { count(known, by: -1) }
        fronts[front, default: [:]][upload] = arrival
        count(arrival, by: 1)
    }

    /// Forgets an upload that has come whole, or not; does nothing to one that is not known.
    mutating func end(_ upload: String, on front: ObjectIdentifier) {
        guard let known = fronts[front]?.removeValue(forKey: upload) else { return }
        if fronts[front]?.isEmpty == true { fronts[front] = nil }
        count(known, by: -1)
    }

    /// Forgets a front whose connection has ended.
    mutating func endAll(on front: ObjectIdentifier) {
        for arrival in fronts.removeValue(forKey: front)?.values ?? [:].values { count(arrival, by: -1) }
    }

    private mutating func count(_ arrival: Arrival, by sign: Int) {
        func change(_ use: inout Use) {
            use.uploads += sign
            use.bytes = use.bytes.adding(Int64(sign) * arrival.bytes)
        }
        change(&total)
        guard let account = arrival.account else { return }
        var use = uses.removeValue(forKey: account) ?? Use()
        change(&use)
        if use != Use() { uses[account] = use }
    }
}
