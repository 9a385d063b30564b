/// Addresses that a site has itself, and would lose to jobd's locations.
struct OwnAddresses: Sendable {
    /// A file to include, and what it takes of a server.
    struct Include: Sendable {
        let name: String
        let addresses: [String]

        static let jobs = Include(
            name: "jobd_locations",
            addresses: [
                "/api/jobs", "/api/jobs/a", "/api/files", "/api/files/a", "/api/uploads",
                "/api/uploads/a", "/api/file-manager/process", "/jobd/",
            ])
        static let operators = Include(
            name: "jobd_operator_locations",
            addresses: ["/api/queues", "/api/stats", "/api/health/live", "/api/openapi.json", "/metrics", "/jobs/"])
    }

    /// Sends one request to the site; nil when it cannot be sent.
    let ask: @Sendable (_ path: String) async -> SiteAnswer?

    /// What the site answers itself at the addresses of an include that it does not have.
    ///
    /// An application that answers every address with the same page has none of them.
    func hidden(by include: Include) async -> [Finding] {
        let anywhere = await ask("/jobd-doctor-\(UInt64.random(in: 0..<UInt64.max))")
        var found: [String] = []
        for address in include.addresses {
            guard let answer = await ask(address), let status = answer.status, status != 404 else { continue }
            if status == anywhere?.status, answer.body == anywhere?.body { continue }
            found.append("\(address) (\(status))")
        }
        guard !found.isEmpty else { return [] }
        return [
            .note(
                "site", "It answers itself: \(found.joined(separator: ", ")).",
                "include \(include.name); would hide these paths. If you need them, give jobd a server of its own: see jobd_site."
            )
        ]
    }
}
