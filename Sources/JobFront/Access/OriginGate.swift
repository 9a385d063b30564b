import JobWire

/// Pages of other sites.
struct OriginGate: Gate {
    let policy: OriginPolicy

    func check(_ request: HTTPRequest, for route: Route?, in context: Context) throws(Refusal) {
        // What a page asks for over a WebSocket can change jobs, and it may read the answers.
        let opensSocket = route?.entry.operation == .openSocket
        if let refusal = policy.refusal(of: request, mayChange: opensSocket) { throw refusal }
    }
}
