import JobAccess
import JobWire

/// All gates, in the order in which a request meets them: the first that refuses it gives the answer.
struct Gates: Sendable {
    private let gates: [any Gate]

    init(_ configuration: FrontConfiguration) {
        gates = [
            HostGate(hosts: configuration.access.hosts), OriginGate(policy: OriginPolicy(configuration)), QueryGate(),
            EncodingGate(), RightGate(policy: AccessPolicy(anonymous: configuration.access.anonymous)),
        ]
    }

    func check(_ request: HTTPRequest, for route: Route?, in context: Context) throws(Refusal) {
        for gate in gates { try gate.check(request, for: route, in: context) }
    }
}
