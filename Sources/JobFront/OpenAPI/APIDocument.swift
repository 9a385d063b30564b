import JobModel
import JobWire

/// The operations of the API's own description, which is also its table of routes.
///
/// What it does not name does not exist, and what it names is answered: the two cannot differ.
///
/// To add a route, describe it in `openapi.json`, add its `operationId` here, and the compiler asks for its handler.
enum Operation: String, CaseIterable, Sendable {
    case createJob, listJobs, getJob, updateJob, deleteJob, cancelJob, retryJob, process
    case streamJob, streamJobs, readLog, getArtifact
    case uploadFiles, getFile, deleteFile
    case listQueues, pauseQueue, resumeQueue, getStats, getMetrics
    case isLive, isReady, describe
}

/// What `GET /api/openapi.json` answers, read once.
enum APIDocument {
    /// The bytes as they were when the executable was built, minified.
    static let bytes: [UInt8] = document.bytes

    /// What the document says of one operation.
    struct Entry {
        let operation: Operation
        let method: HTTPMethod
        let pattern: PathPattern
        /// The items of a query that it takes.
        let queryNames: Set<String>
    }

    static let entries: [Entry] = {
        let found = (document["paths"]?.object?.members ?? []).flatMap { path in
            (path.value.object?.members ?? []).map { method in
                guard let name = method.value["operationId"]?.string, let operation = Operation(rawValue: name),
                    let httpMethod = HTTPMethod(rawValue: method.key.uppercased())
                else { preconditionFailure("openapi.json: \(method.key) \(path.key) is not an operation") }
                let parameters = method.value["parameters"]?.array ?? []
                return Entry(
                    operation: operation, method: httpMethod, pattern: PathPattern(stringLiteral: path.key),
                    queryNames: Set(parameters.filter { $0["in"] == "query" }.compactMap { $0["name"]?.string }))
            }
        }
        precondition(found.count == Operation.allCases.count, "openapi.json does not have each operation once")
        return found
    }()

    private static let document: JSONValue = {
        do throws(JSONError) {
            return try JSONValue.parse(PackageResources.openapi_json)
        } catch {
            preconditionFailure("openapi.json \(error)")
        }
    }()
}
