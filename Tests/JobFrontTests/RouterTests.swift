@testable import JobFront
import Testing

@Suite(.timeLimit(.minutes(5)))
struct RouterTests {
    private let router = Router(routes: [
        Self.route(.get, "/api/jobs"), Self.route(.get, "/api/jobs/stream"), Self.route(.post, "/api/jobs/bulk"),
        Self.route(.get, "/api/jobs/{id}"),
        Self.route(.delete, "/api/jobs/{id}"), Self.route(.post, "/api/files"),
    ])

    private static func route(_ method: HTTPMethod, _ pattern: PathPattern) -> Route {
        Route(
            .answer { _, _ in fatalError("not called") },
            APIDocument.Entry(operation: .describe, method: method, pattern: pattern))
    }

    @Test func aPathNamesItsParts() throws {
        guard case .route(_, let captures) = match("GET", "/api/jobs/a%2Fb") else {
            Issue.record("no route")
            return
        }
        #expect(captures["id"] == "a/b")
    }

    @Test func aJobMayHaveTheNameOfAnAction() throws {
        guard case .route(let route, let captures) = match("GET", "/api/jobs/bulk") else {
            Issue.record("no route")
            return
        }
        #expect(route.pattern == "/api/jobs/{id}" && captures["id"] == "bulk")
    }

    @Test func headTakesTheRouteOfGet() {
        guard case .route(let route, _) = match("HEAD", "/api/jobs/a") else {
            Issue.record("no route")
            return
        }
        #expect(route.method == .get)
    }

    @Test(
        arguments: [
            ("PUT", "/api/jobs/a", 405, "GET, DELETE, HEAD, OPTIONS"), ("HEAD", "/api/files", 405, "POST, OPTIONS"),
            ("BREW", "/api/jobs", 405, "GET, HEAD, OPTIONS"), ("OPTIONS", "/api/jobs", 204, "GET, HEAD, OPTIONS"),
            ("GET", "/", 404, nil), ("GET", "/api/jobs/a/b", 404, nil), ("GET", "/api/jobs/a/", 404, nil),
            ("DELETE", "/api/jobs/stream", 405, "GET, HEAD, OPTIONS"), ("GET", "/api/jobs/", 404, nil),
            ("OPTIONS", "/api/jobs/bulk", 204, "POST, GET, DELETE, HEAD, OPTIONS"), ("OPTIONS", "/nothing", 404, nil),
            ("GET", "/api/jobs/%ff", 400, nil),
        ] as [(String, String, Int, String?)])
    func whatHasNoRouteIsAnsweredFromTheTable(method: String, path: String, status: Int, allow: String?) {
        guard case .respond(let response) = match(method, path) else {
            Issue.record("there is a route")
            return
        }
        #expect(response.status == status)
        #expect(response.headers.first { $0.name == "Allow" }?.value == allow)
    }

    private func match(_ method: String, _ target: String) -> Router.Match {
        router.match(HTTPRequest(parameters: ["REQUEST_METHOD=\(method)", "REQUEST_URI=\(target)"]))
    }
}
