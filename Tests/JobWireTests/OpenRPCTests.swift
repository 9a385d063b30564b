import JSON
import JobModel
import JobWire
import Testing

@Suite(.timeLimit(.minutes(5)))
struct OpenRPCTests {
    /// A value that every required parameter of this name takes.
    private static let samples: JSONObject = [
        "jobId": "a", "fileId": "file_a", "fileIds": [], "name": "default", "watch": 1, "data": "", "size": 0,
        "sha256": .string(String(repeating: "0", count: 64)), "streams": 0, "directory": "/backup",
    ]

    @Test(arguments: Method.allCases)
    func everyDocumentedParameterIsTaken(method: Method) throws {
        var params = JSONObject()
        for parameter in method.parameters {
            params[parameter.name] = parameter.isRequired ? try #require(Self.samples[parameter.name]) : .null
        }
        #expect(throws: Never.self) { try Call(method, params: .object(params), makeJobId: JobID.made) }
        params["unknown"] = 1
        #expect(Self.pointer(method, params) == "/unknown")
    }

    @Test(arguments: Method.allCases)
    func everyParameterThatIsRequiredIsMissed(method: Method) throws {
        let required = method.parameters.filter(\.isRequired)
        for missing in required {
            var params = JSONObject()
            for other in required where other != missing { params[other.name] = Self.samples[other.name] }
            #expect(Self.pointer(method, params) == "/\(missing.name)")
        }
    }

    @Test func theDocumentHasEveryMethod() {
        let names = Method.openRPC["methods"]?.array?.compactMap { $0["name"]?.string }
        #expect(names == Method.allCases.map(\.rawValue))
    }

    /// The parameter that a call is refused for.
    private static func pointer(_ method: Method, _ params: JSONObject) -> String? {
        do throws(Refusal) {
            _ = try Call(method, params: .object(params), makeJobId: JobID.made)
            return nil
        } catch {
            return error.pointer
        }
    }
}
