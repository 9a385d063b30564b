import JobModel
import JobWire
import NIOCore

/// Workers that wait for jobs, and the connections that hold some.
struct Workers {
    /// Claims of one connection that wait at the same time.
    static let waitingClaims = 256

    /// A claim that nobody has answered.
    struct Claim {
        let connection: ObjectIdentifier
        let reply: Reply
        /// Whether its jobs are held by the connection.
        let isByConnection: Bool
        /// How long it waits when there is nothing.
        let wait: Duration
        var timeout: Scheduled<Void>?
    }

    /// A run that is held by a connection.
    struct Held: Hashable {
        let jobId: JobID
        let run: Int64
    }

    private var claims: [OfferID: Claim] = [:]
    private var waiting: [ObjectIdentifier: Int] = [:]
    private var held: [ObjectIdentifier: Set<Held>] = [:]
    private var holders: [Held: ObjectIdentifier] = [:]

    /// Adds a claim; false when its connection has as many as it may.
    mutating func add(_ claim: Claim, of offer: OfferID) -> Bool {
        guard waiting[claim.connection] ?? 0 < Self.waitingClaims else { return false }
        waiting[claim.connection, default: 0] += 1
        claims[offer] = claim
        return true
    }

    /// How long a claim waits from now on; nil when it was answered already.
    func wait(of offer: OfferID) -> Duration? { claims[offer]?.wait }

    mutating func setTimeout(_ timeout: Scheduled<Void>, of offer: OfferID) { claims[offer]?.timeout = timeout }

    /// Takes a claim out, to be answered; nil when it was already, or its connection has ended.
    mutating func take(_ offer: OfferID) -> Claim? {
        guard let claim = claims.removeValue(forKey: offer) else { return nil }
        claim.timeout?.cancel()
        let count = (waiting[claim.connection] ?? 1) - 1
        waiting[claim.connection] = count > 0 ? count : nil
        return claim
    }

    func isHeld(_ run: Held) -> Bool { holders[run] != nil }

    /// From now on the run is over when this connection is.
    mutating func hold(_ run: Held, by connection: ObjectIdentifier) {
        letGo(run)
        holders[run] = connection
        held[connection, default: []].insert(run)
    }

    /// The run is over.
    mutating func letGo(_ run: Held) {
        guard let connection = holders.removeValue(forKey: run) else { return }
        held[connection]?.remove(run)
        if held[connection]?.isEmpty == true { held[connection] = nil }
    }

    /// Forgets a connection that has ended; what it asked for and what it held is to be taken back.
    mutating func end(_ connection: ObjectIdentifier) -> (offers: [OfferID], runs: [Held]) {
        let offers = waiting[connection] == nil ? [] : claims.filter { $0.value.connection == connection }.map(\.key)
        for offer in offers { _ = take(offer) }
        let runs = held.removeValue(forKey: connection) ?? []
        for run in runs { holders[run] = nil }
        return (offers, runs.sorted { ($0.jobId.description, $0.run) < ($1.jobId.description, $1.run) })
    }

    /// All claims, which get nothing any more.
    mutating func takeAll() -> [Claim] {
        let offers = Array(claims.keys)
        return offers.compactMap { take($0) }
    }
}
