import JSON
import JobModel
import JobWire
import Testing

@Suite(.timeLimit(.minutes(5)))
struct OpenRPCTests {
    /// A value that every required parameter of this name takes.
    private static let samples: JSONObject = [
        "jobId": "a", "fileId": "file_a", "fileIds": [], "name": "default", "watch": 1, "data": "", "size": 0,
        "length": 0,
        "sha256": .string(String(repeating: "0", count: 64)), "streams": 0, "directory": "/backup",
        "queues": ["default"], "leases": [], "token": "a", "error": ["code": "no"],
        "upload": "u", "request": "GET /", "code": "forbidden", "batchId": "b", "jobs": [[:]], "cron": "@daily",
        "jobType": "import", "action": "retry", "id": "msg_a", "delivered": true,
    ]

    @Test(arguments: Method.allCases)
    func everyDocumentedParameterIsTaken(method: Method) throws {
        var params = JSONObject()
        for parameter in method.parameters {
            params[parameter.name] = parameter.isRequired ? try #require(Self.samples[parameter.name]) : .null
        }
        #expect(try Self.pointer(method, params) == nil)
        params["unknown"] = 1
        #expect(try Self.pointer(method, params) == "/unknown")
    }

    @Test(arguments: Method.allCases)
    func everyParameterThatIsTakenIsDocumented(method: Method) throws {
        let documented = Set(method.parameters.map(\.name))
        let others = Set(Method.allCases.flatMap { $0.parameters.map(\.name) }).subtracting(documented)
        for name in others.sorted() {
            var params = JSONObject()
            for required in method.parameters.filter(\.isRequired) {
                params[required.name] = Self.samples[required.name]
            }
            params[name] = .null
            #expect(try Self.pointer(method, params) == "/\(name)")
        }
    }

    @Test(arguments: Method.allCases)
    func everyParameterThatIsRequiredIsMissed(method: Method) throws {
        let required = method.parameters.filter(\.isRequired)
        for missing in required {
            var params = JSONObject()
            for other in required where other != missing { params[other.name] = Self.samples[other.name] }
            #expect(try Self.pointer(method, params) == "/\(missing.name)")
        }
    }

    @Test func theDocumentHasEveryMethod() {
        let names = Method.openRPC(schemas: [:])["methods"]?.array?.compactMap { $0["name"]?.string }
        #expect(names == Method.allCases.map(\.rawValue))
    }

    @Test(arguments: Method.allCases)
    func everyMethodSaysWhatItIsForAndWhoMayCallIt(method: Method) throws {
        let described = try #require(
            Method.openRPC(schemas: [:])["methods"]?.array?.first { $0["name"]?.string == method.rawValue })
        #expect(described["summary"]?.string?.hasSuffix(".") == true)
        #expect(described["x-jobd-right"]?.string.flatMap(Right.init) == method.right)
        #expect(described["result"]?["schema"]?.object != nil)
        let errors = try #require(described["errors"]?.array).compactMap { $0["$ref"]?.string }
        #expect(errors.count > 2 && Set(errors).count == errors.count)
    }

    @Test func whatChangesNothingIsNotForThoseWhoMayChange() {
        // The right to see is enough for these, and for no others.
        let reading: Set<String> = [
            "jobs.get", "jobs.list", "jobs.explain", "batches.get", "schedules.list", "webhooks.deliveries",
            "jobs.watch", "jobs.unwatch",
            "jobs.logs", "files.get", "artifacts.get",
            "queues.list", "stats.get", "metrics.get", "server.status", "server.inspect", "session.get", "rpc.discover",
            // What a front was not asked for.
            "front.refused",
        ]
        let rights: Set<Right> = [.public, .read, .observe]
        #expect(Set(Method.allCases.filter { rights.contains($0.right) }.map(\.rawValue)) == reading)
    }

    /// The parameter that a call is refused for.
    private static func pointer(_ method: Method, _ params: JSONObject) throws -> String? {
        let params = try JSONNode.made(.object(params))
        do throws(Refusal) {
            _ = try Call(method, params: params, makeJobId: JobID.made)
            return nil
        } catch {
            return error.pointer
        }
    }
}
