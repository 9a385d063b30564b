import JobWire

/// Names under which this service may be asked; a page that gives its own name to this machine is asked for another one.
struct HostGate: Gate {
    /// Without ports, in lower case; nil lets every name pass.
    let hosts: Set<String>?

    init(hosts: [String]?) { self.hosts = hosts.map { Set($0.map { $0.lowercased() }) } }

    func check(_ request: HTTPRequest, for route: Route?, in context: Context) throws(Refusal) {
        guard let hosts else { return }
        let host = Self.name(request.host ?? "")
        guard hosts.contains(host) else {
            throw Refusal(.misdirectedRequest, "This service is not \(host.prefix(200)); --host can name it.")
        }
    }

    /// A host without its port; that of an IPv6 address is behind its bracket.
    private static func name(_ host: String) -> String {
        let end = host.lastIndex(of: ":").flatMap { mark in
            host[mark...].dropFirst().utf8.allSatisfy { (0x30...0x39).contains($0) } ? mark : nil
        }
        return host[..<(end ?? host.endIndex)].lowercased()
    }
}
