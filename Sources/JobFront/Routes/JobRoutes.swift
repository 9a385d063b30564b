import JobModel
import JobWire
import NIOCore

/// The routes of jobs: each turns a request into a call of the daemon and its reply into a response.
///
/// A job's JSON is passed on as bytes; only its version is looked at.
struct JobRoutes: Sendable {
    let link: NIOLoopBound<DaemonLink>
    let streams: NIOLoopBound<JobStreams>
    let waits: NIOLoopBound<JobWaits>

    // MARK: Reading

    @Sendable func get(_ request: HTTPRequest, _ path: PathCaptures) -> EventLoopFuture<HTTPResponse> {
        respond { link throws(Refusal) in
            let since = try Self.number("since", of: request, in: 0...Int64.max, Int64.init)
            guard let wait = try Self.number("wait", of: request, in: 0...55, Double.init), wait > 0,
                let id = JobID(path["id"])
            else { return link.call(.getJob, ["jobId": .string(path["id"])]) }
            return waits.value.wait(for: id, above: since ?? 0, atMost: .seconds(wait))
        } as: { job in
            let tag = EntityTag.quoted(JSONSlices.integer("version", of: job.readableBytesView) ?? 0)
            let headers: [HTTPResponse.Header] = [.init(name: "ETag", value: tag), .noCache]
            if EntityTag.matches(request.header("IF_NONE_MATCH"), tag) { return HTTPResponse(304, headers: headers) }
            return HTTPResponse(
                200, headers: [.init(name: "Content-Type", value: "application/json")] + headers, body: .bytes(job))
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

    @Sendable func list(_ request: HTTPRequest, _ path: PathCaptures) -> EventLoopFuture<HTTPResponse> {
        respond { link in
            link.call(
                .listJobs,
                request.query.parameters(["status", "queue", "jobType", "q", "limit", "cursor"], numbers: ["limit"]))
        } as: {
            .json(200, $0)
        }
    }

    @Sendable func logs(_ request: HTTPRequest, _ path: PathCaptures) -> EventLoopFuture<HTTPResponse> {
        respond { link in
            var params = request.query.parameters(["after", "limit", "run"], numbers: ["after", "limit", "run"])
            params["jobId"] = .string(path["id"])
            return link.call(.readLog, params)
        } as: {
            .json(200, $0)
        }
    }

    @Sendable func stream(_ request: HTTPRequest, _ path: PathCaptures) -> EventLoopFuture<HTTPResponse> {
        let streams = streams.value
        guard let id = JobID(path["id"]) else {
            return link.eventLoop.makeSucceededFuture(
                Problem.response(Refusal(.invalidRequest, "The path's job id is none.")))
        }
        return streams.open(id, lastVersion: ServerSentEvent.lastVersion(request))
    }

    /// The jobs of `?ids=`, those of `?queue=`, or all.
    @Sendable func streamOfSeveral(_ request: HTTPRequest, _: PathCaptures) -> EventLoopFuture<HTTPResponse> {
        guard let text = request.query["ids"] else {
            return streams.value.open(queue: request.query["queue"].flatMap { $0.isEmpty ? nil : $0 })
        }
        let ids = text.split(separator: ",", omittingEmptySubsequences: false).map { JobID(String($0)) }
        guard (1...Self.maximumStreamedJobs).contains(ids.count), ids.allSatisfy({ $0 != nil }) else {
            let refusal = Refusal(
                .invalidRequest, "/ids must be 1 to \(Self.maximumStreamedJobs) job ids with commas between.",
                pointer: "/ids")
            return link.eventLoop.makeSucceededFuture(Problem.response(refusal))
        }
        return streams.value.open(ids.compactMap { $0 })
    }

    /// Each costs the daemon two calls.
    private static let maximumStreamedJobs = 100

    // MARK: Changing

    /// The id is made before the first try, so that a create that is sent again finds its own job.
    @Sendable func create(_ request: HTTPRequest, _ path: PathCaptures) -> EventLoopFuture<HTTPResponse> {
        respond { link throws(Refusal) in
            let params = try RequestBody.object(request).withJobId(for: request).with(traceOf: request)
            return link.call(
                .createJob, JSONValue.object(params).bytes,
                resending: params["onConflict"] == "reject" ? .never : .same)
        } as: { reply in
            let reply = JobReply(reply, flag: "created")
            guard reply.flag else { return .json(200, reply.job) }
            let id = JSONSlices.word("jobId", of: reply.job.readableBytesView) ?? ""
            return .json(201, reply.job, headers: [.init(name: "Location", value: "/api/jobs/\(id)")])
        }
    }

    @Sendable func process(_ request: HTTPRequest, _ path: PathCaptures) -> EventLoopFuture<HTTPResponse> {
        respond { link throws(Refusal) in
            link.call(.processJob, try RequestBody.object(request).withJobId(for: request).with(traceOf: request))
        } as: {
            .processed($0)
        }
    }

    @Sendable func update(_ request: HTTPRequest, _ path: PathCaptures) -> EventLoopFuture<HTTPResponse> {
        respond { link throws(Refusal) in
            let params = try RequestBody.object(request, jobId: path["id"])
            for name in ["priority", "runAt"] where params[name] != nil {
                throw Refusal(
                    .forbidden, "/\(name) is changed by operators, over the control socket.", pointer: "/\(name)")
            }
            let isSafeToRepeat = params["status"] == nil && params["lines"] == nil
            return link.call(
                .updateJob, JSONValue.object(params).bytes, resending: isSafeToRepeat ? .same : .never)
        } as: {
            .json(200, $0)
        }
    }

    @Sendable func cancel(_ request: HTTPRequest, _ path: PathCaptures) -> EventLoopFuture<HTTPResponse> {
        respond { link throws(Refusal) in
            link.call(.cancelJob, try RequestBody.object(request, jobId: path["id"]))
        } as: { reply in
            let reply = JobReply(reply, flag: "ended")
            return .json(reply.flag ? 200 : 202, reply.job)
        }
    }

    @Sendable func retry(_ request: HTTPRequest, _ path: PathCaptures) -> EventLoopFuture<HTTPResponse> {
        respond { link throws(Refusal) in
            let params = try RequestBody.object(request, jobId: path["id"])
            return link.call(.retryJob, JSONValue.object(params).bytes, resending: .never)
        } as: {
            .json(202, $0)
        }
    }

    /// Gone is what a delete that is sent again wants to hear.
    @Sendable func delete(_ request: HTTPRequest, _ path: PathCaptures) -> EventLoopFuture<HTTPResponse> {
        respond { link throws(Refusal) in
            let params = try RequestBody.object(request, jobId: path["id"])
            return link.call(.deleteJob, JSONValue.object(params).bytes) { refusal in
                refusal.code == .jobGone ? ByteBuffer() : nil
            }
        } as: { _ in
            HTTPResponse(204)
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
