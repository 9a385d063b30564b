import JobWire

/// Which pages of other sites may use the API: those of this site always, others only when the configuration names them.
///
/// A browser says from where a request comes, and sends what it knows of the site along; so a foreign page could change
/// jobs in the name of its reader.
struct OriginPolicy: Sendable {
    private let allowed: Set<String>

    /// Takes origins as browsers write them: `https://app.example.com`.
    init(allowed: [String]) {
        self.allowed = Set(allowed.map { $0.lowercased() })
    }

    /// Why a request must not change anything; nil when it may, or does not want to.
    func refusal(of request: HTTPRequest) -> Refusal? {
        guard !["GET", "HEAD", "OPTIONS"].contains(request.method), !isAllowed(request) else { return nil }
        if let origin = request.header("ORIGIN"), !Self.isOwn(origin, of: request) {
            return Refusal(
                .forbidden,
                "A page of \(origin.prefix(200)) may not change anything here; front.allowedOrigins can name it.")
        }
        guard request.header("SEC_FETCH_SITE")?.lowercased() != "cross-site" else {
            return Refusal(.forbidden, "A page of another site may not change anything here.")
        }
        return nil
    }

    /// What tells a browser that a page which was named may read the answer, and may ask what it asked for beforehand.
    func headers(for request: HTTPRequest) -> [HTTPResponse.Header] {
        guard isAllowed(request), let origin = request.header("ORIGIN") else { return [] }
        var headers: [HTTPResponse.Header] = [
            .init(name: "Access-Control-Allow-Origin", value: origin), .init(name: "Vary", value: "Origin"),
            .init(name: "Access-Control-Expose-Headers", value: "ETag, Location, Repr-Digest, Retry-After"),
        ]
        guard request.method == "OPTIONS", request.header("ACCESS_CONTROL_REQUEST_METHOD") != nil else {
            return headers
        }
        headers += [
            .init(name: "Access-Control-Allow-Methods", value: "GET, POST, PATCH, DELETE"),
            .init(
                name: "Access-Control-Allow-Headers", value: "Content-Type, If-None-Match, Last-Event-ID, Repr-Digest"),
            .init(name: "Access-Control-Max-Age", value: "600"),
        ]
        return headers
    }

    private func isAllowed(_ request: HTTPRequest) -> Bool {
        !allowed.isEmpty && (request.header("ORIGIN").map { allowed.contains($0.lowercased()) } ?? false)
    }

    /// Whether an origin names the host that was asked; the scheme is not known here, behind a web server.
    private static func isOwn(_ origin: String, of request: HTTPRequest) -> Bool {
        guard let host = request.header("HOST"), let start = origin.firstRange(of: "://") else { return false }
        let scheme = origin[..<start.lowerBound].lowercased()
        let usualPort = scheme == "https" ? ":443" : scheme == "http" ? ":80" : ""
        func plain(_ host: some StringProtocol) -> String {
            let host = host.lowercased()
            return !usualPort.isEmpty && host.hasSuffix(usualPort) ? String(host.dropLast(usualPort.count)) : host
        }
        return plain(origin[start.upperBound...]) == plain(host)
    }
}
