import ArgumentParser
import FoundationEssentials
import JSON
import JobModel
import JobSystem
import JobWire

struct WorkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "work", abstract: "Be a worker: run a program for each job of a queue.",
        discussion: """
            The program gets the environment variables of a step: JOBD_INPUT and JOBD_INPUTS name the job's files, \
            JOBD_OUTPUT_DIRECTORY is the folder for its artifacts, and JOBD_REPORTS takes report lines such as \
            "::progress 40". What it prints becomes the job's log. Exit code 0 completes the job, any other fails it. It runs \
            in a folder of its own, so use absolute paths.

            At SIGTERM or SIGINT the programs are told to stop, and their jobs are given back.

              jobctl work --queues video -- ./encode.sh
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "The queues, separated by commas.")
    var queues: String

    @Option(help: "Only jobs of these types, separated by commas.")
    var types: String?

    @Option(help: "How many programs to run at the same time.")
    var places = 1

    @Option(help: "The worker's name (default: the machine's name).")
    var worker: String?

    @Argument(parsing: .postTerminator, help: "The program and its arguments.")
    var program: [String] = []

    func validate() throws {
        guard !program.isEmpty else { throw ValidationError("Say what to run: -- PROGRAM ARGUMENTS…") }
        guard Limits.offeredJobs.contains(places) else {
            throw ValidationError("--places takes a number from 1 to \(Limits.offeredJobs.upperBound).")
        }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let path = ProgramPath.find(program[0], in: environment["PATH"] ?? ProgramPath.standard),
            ProgramPath.isExecutable(path)
        else {
            throw Exit(
                code: Exit.configuration,
                message: "jobctl: there is no program \(Output.printable(program[0])) that could be run.")
        }
        // It runs in another folder.
        let here = FileManager.default.currentDirectoryPath
        let whole = path.hasPrefix("/") ? path : "\(here)/\(path)"
        let stop = WorkStop()
        let link = WorkLink(common)
        try await link.connectAtOnce()
        let shop = Workshop(
            program: .init(path: whole, arguments: program, environment: environment), link: link, stop: stop)
        try await withThrowingTaskGroup(of: Void.self) { group in
            var running = 0
            while !stop.isSet {
                if running == places {
                    _ = try await group.next()
                    running -= 1
                    continue
                }
                for claimed in try await claim(places - running, over: link) {
                    running += 1
                    group.addTask { await shop.run(claimed) }
                }
            }
            try await group.waitForAll()
        }
        await link.close()
    }

    /// Waits for a short time only, so that a program that ends and a signal are noticed.
    private func claim(_ count: Int, over link: WorkLink) async throws -> [ClaimedJob] {
        var params: JSONObject = [
            "queues": .array(Self.names(queues)), "count": JSONValue(count), "waitSeconds": 1,
            "worker": .string(worker ?? Self.machine),
        ]
        if let types { params["jobTypes"] = .array(Self.names(types)) }
        guard let answer = try await link.call(.claimWork, params, repeats: false) else { return [] }
        let claimed = (answer["jobs"]?.array ?? []).compactMap(ClaimedJob.init)
        for job in claimed { await link.hold(job.lease) }
        if common.json { for job in claimed { Output.json(["jobId": .string(job.id)]) } }
        if !common.json { for job in claimed { Output.line(common.quiet ? job.id : "\(job.id) begins") } }
        return claimed
    }

    private static var machine: String {
        String((SmallFile.read("/proc/sys/kernel/hostname") ?? "worker").prefix { !$0.isNewline })
    }

    private static func names(_ list: String) -> [JSONValue] {
        list.split(separator: ",").map { .string(String($0)) }
    }
}
