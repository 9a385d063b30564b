package import JSON
import JobModel
import JobDaemonTesting
import JobTesting
package import JobWire
package import NIOCore
import NIOPosix
import Synchronization

/// A daemon that keeps jobs as plain JSON, and does besides that what a test tells it.
package final class StubDaemon: Sendable {
    package enum Answer: Sendable {
        case result(JSONValue)
        case refusal(Refusal)
        /// Closes the connection instead of answering, as a daemon does that is killed.
        case hangUp
    }

    package struct Call: Sendable {
        package let method: Method
        package let params: JSONValue
        /// For whom the front asks.
        package let caller: JSONValue
    }

    /// Answers a call; nil leaves it to the stub.
    package typealias Script = @Sendable (Call) -> Answer?

    private struct State {
        var jobs: [String: JSONValue] = [:]
        var calls: [Call] = []
        var watches: [Int: String] = [:]
        var waiters: [(jobId: String, reply: @Sendable (Answer) -> Void)] = []
        var connections: [any Channel] = []
        var server: (any Channel)?
        var observers: [Observer] = []
    }

    /// A test that waits for something to become true.
    private struct Observer {
        let isTrue: @Sendable (_ calls: [Call], _ watchCount: Int) -> Bool
        let callBack: @Sendable () -> Void
    }

    private let state = Mutex(State())
    private let path: String
    private let group: any EventLoopGroup
    private let script: Script

    package init(path: String, group: any EventLoopGroup, script: @escaping Script = { _ in nil }) {
        self.path = path
        self.group = group
        self.script = script
    }

    package func start() async throws {
        let server = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                self.state.withLock { $0.connections.append(channel) }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        LineFraming(limit: LineFraming.requestLimit), StubConnection(stub: self),
                    ])
                }
            }
            .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).outcome()
        state.withLock { $0.server = server }
    }

    /// Goes away without a word; what it knows stays.
    package func stop() async {
        try? await state.withLock(\.server)?.close()
        // All that there will be: nobody is accepted any more.
        for connection in state.withLock(\.connections) { try? await connection.close() }
        state.withLock { state in
            state.connections = []
            state.watches = [:]
        }
    }

    /// What requests led to: without the calls by which the front's link asks, whenever it likes, whether anybody answers,
    /// and without its reports.
    package var calls: [Call] {
        state.withLock {
            $0.calls.filter { ![.getSession, .reportFront, .reportUpload, .reportRefusal].contains($0.method) }
        }
    }

    /// What the front told of itself.
    package var reports: [JSONValue] { state.withLock { $0.calls.filter { $0.method == .reportFront }.map(\.params) } }

    /// What the front told of uploads, and of refusals.
    package var uploadReports: [Call] { state.withLock { $0.calls.filter { $0.method == .reportUpload } } }
    package var refusalReports: [Call] { state.withLock { $0.calls.filter { $0.method == .reportRefusal } } }

    package var watchCount: Int { state.withLock { $0.watches.count } }

    /// Returns once the calls so far and the number of watches are as they shall be.
    package func until(_ isTrue: @escaping @Sendable (_ calls: [Call], _ watchCount: Int) -> Bool) async {
        await untilCalledBack { callBack in
            state.withLock { $0.observers.append(Observer(isTrue: isTrue, callBack: { callBack(()) })) }
            tellObservers()
        }
    }

    private func tellObservers() {
        let satisfied = state.withLock { state in
            let met = state.observers.indices.filter { state.observers[$0].isTrue(state.calls, state.watches.count) }
            return met.reversed().map { state.observers.remove(at: $0) }
        }
        for observer in satisfied { observer.callBack() }
    }

    /// Sets a job's state and tells it to those who watch or wait.
    package func set(_ id: String, version: Int, status: String = "processing", more: JSONObject = JSONObject()) {
        let job = Self.job(id, version: version, status: status, more: more)
        let (connections, watches, waiters) = state.withLock { state in
            state.jobs[id] = job
            let waiters = state.waiters.filter { $0.jobId == id }
            state.waiters.removeAll { $0.jobId == id }
            return (state.connections, state.watches.filter { $0.value == id }, waiters)
        }
        for waiter in waiters { waiter.reply(.result(job)) }
        for (watch, _) in watches { notify(connections, "jobs.changed", ["watch": JSONValue(watch), "job": job]) }
    }

    /// Sets a job's state as if a change had been lost on the way.
    package func setSilently(_ id: String, version: Int, status: String = "processing") {
        state.withLock { $0.jobs[id] = Self.job(id, version: version, status: status, more: JSONObject()) }
    }

    /// Deletes a job, and tells those who watch it.
    package func delete(_ id: String) {
        let (connections, watches) = state.withLock { state in
            state.jobs[id] = nil
            return (state.connections, state.watches.filter { $0.value == id })
        }
        for (watch, _) in watches {
            notify(connections, "jobs.gone", ["watch": JSONValue(watch), "jobId": .string(id)])
        }
    }

    /// Ends every watch, as a daemon does whose front does not read.
    package func lag() {
        let (connections, watches) = state.withLock { state in
            defer { state.watches = [:] }
            return (state.connections, state.watches.keys)
        }
        for watch in watches { notify(connections, "jobs.lagged", ["watch": JSONValue(watch)]) }
    }

    private func notify(_ connections: [any Channel], _ method: String, _ params: JSONValue) {
        let line: JSONValue = ["jsonrpc": "2.0", "method": .string(method), "params": params]
        for connection in connections { connection.writeAndFlush(ByteBuffer(string: line.text + "\n"), promise: nil) }
    }

    package static func job(_ id: String, version: Int, status: String, more: JSONObject) -> JSONValue {
        var job: JSONObject = ["jobId": .string(id), "status": .string(status), "version": JSONValue(version)]
        for member in more.members { job[member.key] = member.value }
        return .object(job)
    }

    fileprivate func perform(_ call: Call, on loop: any EventLoop, reply: @escaping @Sendable (Answer) -> Void) {
        state.withLock { $0.calls.append(call) }
        defer { tellObservers() }
        if let answer = script(call) { return reply(answer) }
        let id = call.params["jobId"]?.string ?? ""
        switch call.method {
        case .serverStatus: reply(.result(["draining": false, "storage": ["writable": true]]))
        case .listQueues: reply(.result(["queues": []]))
        case .createJob:
            let known = state.withLock { $0.jobs[id] }
            if known == nil {
                set(id, version: 1, status: "pending", more: ["metadata": call.params["metadata"] ?? [:]])
            }
            reply(.result(["job": state.withLock { $0.jobs[id] } ?? [:], "created": .bool(known == nil)]))
        case .getJob: get(id, call.params, on: loop, reply: reply)
        case .watchJobs:
            let id = call.params["jobIds"]?.array?.first?.string ?? ""
            let (number, job) = state.withLock { state in
                let number = (state.watches.keys.max() ?? 0) + 1
                state.watches[number] = id
                return (number, state.jobs[id])
            }
            reply(.result(["watch": JSONValue(number), "jobs": .array(job.map { [$0] } ?? [])]))
        case .unwatchJobs:
            let number = call.params["watch"]?.integer.map { Int($0) } ?? 0
            state.withLock { $0.watches[number] = nil }
            reply(.result([:]))
        case .getSession: reply(.result(["owner": .null, "role": .null, "token": .null]))
        case .adoptFile: reply(.result(call.params))
        case .reportUpload, .reportRefusal: reply(.result([:]))
        default: reply(.refusal(Refusal(.internalError, "The stub knows no \(call.method.rawValue).")))
        }
    }

    private func get(
        _ id: String, _ params: JSONValue, on loop: any EventLoop, reply: @escaping @Sendable (Answer) -> Void
    ) {
        let notFound = Answer.refusal(Refusal(.jobNotFound, "There is no job \(id)."))
        if let job = state.withLock({ $0.jobs[id] }), job["version"]?.integer ?? 0 > params["since"]?.integer ?? 0 {
            return reply(.result(job))
        }
        guard let wait = params["waitSeconds"]?.double, wait > 0 else {
            return reply(state.withLock { $0.jobs[id] }.map(Answer.result) ?? notFound)
        }
        let once = OnceReply(reply)
        state.withLock { $0.waiters.append((id, { once.send($0) })) }
        loop.scheduleTask(in: .milliseconds(Int64(wait * 1000))) {
            once.send(self.state.withLock { $0.jobs[id] }.map(Answer.result) ?? notFound)
        }
    }
}

private final class OnceReply: Sendable {
    private let isSent = Mutex(false)
    private let reply: @Sendable (StubDaemon.Answer) -> Void

    init(_ reply: @escaping @Sendable (StubDaemon.Answer) -> Void) { self.reply = reply }

    func send(_ answer: StubDaemon.Answer) {
        let isFirst = isSent.withLock { sent in
            defer { sent = true }
            return !sent
        }
        if isFirst { reply(answer) }
    }
}

private final class StubConnection: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let stub: StubDaemon

    init(stub: StubDaemon) { self.stub = stub }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let channel = context.channel
        guard let request = try? JSONValue.parse(unwrapInboundIn(data).readableBytesView),
            let method = request["method"]?.string.flatMap(Method.init), let id = request["id"]
        else { return context.close(promise: nil) }
        let call = StubDaemon.Call(method: method, params: request["params"] ?? [:], caller: request["caller"] ?? .null)
        stub.perform(call, on: context.eventLoop) { answer in
            var line: JSONObject = ["jsonrpc": "2.0", "id": id]
            switch answer {
            case .result(let json): line["result"] = json
            case .refusal(let refusal): line["error"] = refusal.json
            case .hangUp: return channel.close(promise: nil)
            }
            channel.writeAndFlush(ByteBuffer(string: JSONValue.object(line).text + "\n"), promise: nil)
        }
    }
}
