import JSON
import JobModel
import JobSystem
import JobWire

/// Runs the program for one job after the other, and tells how that goes.
struct Workshop: Sendable {
    /// Between being told to stop and being stopped.
    private static let grace = Duration.seconds(5)
    /// How often is told what is new; and how often is asked when nothing is.
    private static let pause = Duration.milliseconds(200)
    private static let quietRounds = 10
    /// After a job that could not be worked on.
    private static let rest = Duration.seconds(1)

    let program: WorkProgram.Command
    let link: WorkLink
    let stop: WorkStop

    private var files: WorkFiles { WorkFiles(link: link) }

    /// Runs a job to its end; what goes wrong with it is said of the job, or on standard error.
    func run(_ job: ClaimedJob) async {
        do {
            let room = try WorkRoom()
            defer { room.remove() }
            try await work(on: job, in: room)
        } catch is LeaseLost {
            Output.message("jobctl: the job \(Output.printable(job.id)) belongs to somebody else by now.")
        } catch {
            let reason = (error as? Exit)?.message ?? "jobctl: \(Output.printable(job.id)): \(error)"
            Output.message(reason)
            _ = try? await link.call(.releaseWork, job.lease)
            // The next job may end in the same way.
            try? await Task.sleep(for: Self.rest)
        }
        await link.letGo(job.lease)
    }

    private func work(on job: ClaimedJob, in room: WorkRoom) async throws {
        let inputs = try await files.fetchInputs(of: job, into: room)
        let output = WorkOutput()
        var command = program
        command.environment.merge(surroundings(of: job, inputs, room)) { $1 }
        try room.write(job.json["metadata"] ?? [:], to: "metadata.json")
        let running = try WorkProgram(command, in: room.work, output: output)
        let (status, isCancelled) = try await follow(running, output, job)
        for name in room.artifacts where status == 0 || !isCancelled {
            try await files.bring(name, from: room, mediaType: output.mediaType(of: name), of: job)
        }
        try await tell(status, output, isCancelled: isCancelled, of: job)
    }

    /// Tells what the program says until it has ended; stops it when the job is to be cancelled, or the worker to end.
    private func follow(
        _ running: WorkProgram, _ output: WorkOutput, _ job: ClaimedJob
    ) async throws -> (status: CInt, isCancelled: Bool) {
        try await withThrowingTaskGroup(of: CInt?.self) { group in
            group.addTask { await running.end() }
            let telling = TellingState()
            group.addTask {
                do {
                    try await tellNews(of: running, output, job, telling)
                } catch {
                    running.kill()
                    output.end()
                    throw error
                }
                return nil
            }
            var status: CInt = 0
            while let ended = try await group.next() {
                guard let ended else { continue }
                status = ended
                telling.ended.set()
            }
            return (status, telling.cancelled.isSet)
        }
    }

    /// What the two halves of ``follow(_:_:_:)`` know of each other.
    private struct TellingState: Sendable {
        let ended = WorkFlag()
        let cancelled = WorkFlag()
    }

    private func tellNews(
        of running: WorkProgram, _ output: WorkOutput, _ job: ClaimedJob, _ state: TellingState
    ) async throws {
        var quiet = 0
        var killTime: ContinuousClock.Instant?
        while true {
            let isLast = state.ended.isSet
            if let news = output.takeNews() {
                quiet = 0
                try await report(news, of: job, state)
                continue
            }
            if isLast { return }
            quiet += 1
            if quiet % Self.quietRounds == 0 { try await report([:], of: job, state) }
            if killTime == nil, stop.isSet || state.cancelled.isSet {
                if stop.isSet { state.cancelled.set() }
                running.terminate()
                killTime = ContinuousClock.now + Self.grace
            }
            if let killTime, ContinuousClock.now > killTime { running.kill() }
            try await Task.sleep(for: Self.pause)
        }
    }

    private func report(_ news: JSONObject, of job: ClaimedJob, _ state: TellingState) async throws {
        var params = job.lease
        for member in news.members { params[member.key] = member.value }
        let answer = try await link.call(.reportWork, params, repeats: news["lines"] == nil)
        if answer?["cancelRequested"] == true { state.cancelled.set() }
    }

    private func tell(_ status: CInt, _ output: WorkOutput, isCancelled: Bool, of job: ClaimedJob) async throws {
        var params = job.lease
        let method: Method
        if status == 0 {
            method = .completeWork
            let result = output.result
            if !result.members.isEmpty { params["result"] = .object(result) }
        } else if isCancelled {
            method = .releaseWork
        } else {
            method = .failWork
            params["error"] = failure(status, output)
            if let delay = output.retryAfter { params["retryAfterSeconds"] = JSONValue(delay.components.seconds) }
        }
        guard try await link.call(method, params) != nil else {
            throw Exit(code: Exit.unreachable, message: "jobctl: the daemon is away; \(job.id) will be run again.")
        }
    }

    private func failure(_ status: CInt, _ output: WorkOutput) -> JSONValue {
        let name = program.arguments.first ?? program.path
        var error = JSONObject()
        let signal = status & 0x7F
        if signal == 0 {
            let code = status >> 8 & 0xFF
            error["code"] = .string(JobFailure.Code.exit.rawValue)
            error["message"] = .string(output.error ?? "\(name) ended with the exit code \(code).")
            error["exitCode"] = JSONValue(Int(code))
        } else {
            error["code"] = .string(JobFailure.Code.signal.rawValue)
            error["message"] = .string(output.error ?? "\(name) was ended by the signal \(signal).")
            error["signal"] = .string("\(signal)")
        }
        error["message"] = error["message"]?.string.map { .string(Text.limited($0)) }
        error["cause"] = output.cause.map(JSONValue.string)
        return .object(error)
    }

    private func surroundings(of job: ClaimedJob, _ inputs: [String], _ room: WorkRoom) -> [String: String] {
        let first = job.json["files"]?.array?.first
        return [
            "JOBD_JOB_ID": job.id, "JOBD_JOB_TYPE": job.json["jobType"]?.string ?? "",
            "JOBD_ATTEMPT": "\(job.json["attempt"]?.integer ?? 1)", "JOBD_STEP": "work",
            "JOBD_INPUT": inputs.first ?? "", "JOBD_INPUTS": inputs.joined(separator: "\n"),
            "JOBD_FILE_NAME": first?["name"]?.string ?? "", "JOBD_MEDIA_TYPE": first?["mediaType"]?.string ?? "",
            "JOBD_METADATA": "\(room.path)/metadata.json", "JOBD_OUTPUT_DIRECTORY": room.output,
            "JOBD_WORK_DIRECTORY": room.work, "JOBD_REPORTS": "/dev/fd/3",
        ]
    }
}
