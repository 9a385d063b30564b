import JobWire

/// Pages of other sites.
struct OriginGate: Gate {
    let policy: OriginPolicy

    func check(_ request: HTTPRequest, for route: Route?, in context: Context) throws(Refusal) {
        if let refusal = policy.refusal(of: request) { throw refusal }
    }
}
