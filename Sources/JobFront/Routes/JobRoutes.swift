import JSON
import JobModel
import JobWire
import NIOCore

/// The routes of jobs: each turns a request into a call of the daemon and its reply into a response.
///
/// A job's JSON is passed on as bytes; only its version is looked at.
struct JobRoutes: Sendable {
    let link: NIOLoopBound<DaemonLink>
    let waits: NIOLoopBound<JobWaits>

    // MARK: Reading

    @Sendable func get(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        respond { link throws(Refusal) in
            let since = try Self.number("since", of: request, in: 0...Int64.max, Int64.init)
            guard let wait = try Self.number("wait", of: request, in: 0...55, Double.init), wait > 0,
                let id = JobID(request.path["id"])
            else { return link.call(.getJob, ["jobId": .string(request.path["id"])], for: context) }
            return waits.value.wait(for: id, by: context.caller, above: since ?? 0, atMost: .seconds(wait))
        } as: { job in
            let tag = EntityTag.quoted(JSONSlices.integer("version", of: job.readableBytesView) ?? 0)
            let header = HTTPResponse.Header(name: "ETag", value: tag)
            if EntityTag.matches(request.header("IF_NONE_MATCH"), tag) { return HTTPResponse(304, headers: [header]) }
            return .json(200, job, headers: [header])
        }
    }

    private static func number<Number: Comparable>(
        _ name: String, of request: HTTPRequest, in range: ClosedRange<Number>, _ parse: (String) -> Number?
    ) throws(Refusal) -> Number? {
        guard let text = request.query[name], !text.isEmpty else { return nil }
        guard let number = parse(text), range.contains(number) else {
            throw Refusal.wrongField(name, "must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    @Sendable func list(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        respond { link in
            let names = [
                "status", "queue", "jobType", "q", "createdSince", "createdBefore", "order", "limit", "cursor", "owner",
            ]
            return link.call(.listJobs, request.query.parameters(names, numbers: ["limit"]), for: context)
        } as: {
            .json(200, $0)
        }
    }

    @Sendable func explain(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        respond { link in
            link.call(.explainJob, ["jobId": .string(request.path["id"])], for: context)
        } as: {
            .json(200, $0)
        }
    }

    @Sendable func logs(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        respond { link in
            let page = request.query.parameters(["run", "after", "limit"], numbers: ["run", "after", "limit"])
            return link.call(.readLog, page.with("jobId", .string(request.path["id"])), for: context)
        } as: {
            .json(200, $0)
        }
    }

    // MARK: Making

    /// The id is made before the first try, so that a create that is sent again finds its own job.
    @Sendable func create(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        respond { link throws(Refusal) in
            let params = try JSONBody.object(request).withJobId(for: request).with(context.trace)
            return link.call(.createJob, params, for: context)
        } as: { reply in
            let reply = JobReply(reply, flag: "created")
            guard reply.flag else { return .json(200, reply.job) }
            let id = JSONSlices.word("jobId", of: reply.job.readableBytesView) ?? ""
            return .json(201, reply.job, headers: [.init(name: "Location", value: "/api/jobs/\(id)")])
        }
    }

    @Sendable func process(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        respond { link throws(Refusal) in
            let params = try JSONBody.object(request).withJobId(for: request).with(context.trace)
            return link.call(.processJob, params, ifMatch: request, for: context, mustExist: true)
        } as: {
            .processed($0)
        }
    }

    // MARK: Changing

    @Sendable func update(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        change(.updateJob, request, context) { .json(200, $0) }
    }

    @Sendable func cancel(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        change(.cancelJob, request, context) { reply in
            let reply = JobReply(reply, flag: "ended")
            return .json(reply.flag ? 200 : 202, reply.job)
        }
    }

    @Sendable func retry(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        change(.retryJob, request, context) { .json(202, $0) }
    }

    @Sendable func delete(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        change(.deleteJob, request, context) { _ in HTTPResponse(204) }
    }

    /// All jobs that a query finds.
    @Sendable func changeAll(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        respond { link throws(Refusal) in
            link.call(.changeJobs, try JSONBody.object(request), for: context)
        } as: {
            .json(200, $0)
        }
    }

    private func change(
        _ method: Method, _ request: HTTPRequest, _ context: Context,
        as response: @escaping (ByteBuffer) -> HTTPResponse
    ) -> EventLoopFuture<HTTPResponse> {
        respond { link throws(Refusal) in
            let params = try JSONBody.object(request, adding: "jobId", request.path["id"])
            return link.call(method, params, ifMatch: request, for: context)
        } as: {
            response($0)
        }
    }

    // MARK: Parts

    private func respond(
        _ call: (DaemonLink) throws(Refusal) -> EventLoopFuture<ByteBuffer>,
        as response: @escaping (ByteBuffer) -> HTTPResponse
    ) -> EventLoopFuture<HTTPResponse> {
        link.value.respond(call, as: response)
    }
}

extension JSONObject {
    /// With one member more, or another value for it.
    func with(_ name: String, _ value: JSONValue) -> JSONObject {
        var object = self
        object[name] = value
        return object
    }
}
