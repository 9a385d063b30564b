import Glibc
package import JobSystem

/// `jobd step-exec`: forks supervisors, and a supervisor runs the command of one step so that nothing of it can get away.
///
/// A supervisor is a process of its own between the daemon and the command. It stays outside the command's process group
/// and is the subreaper of everything below it; it ends everything when the daemon says so or dies (both end the control
/// socket), when the time is up or the directory too large, and after the command has ended by itself. Whatever is left of
/// one that was killed comes to the process that it was forked from, which ends it.
///
/// A supervisor whose command has exited by itself, with nothing left of it, is idle then, and may run the next step: to fork
/// another one would copy memory and give it back. It closes everything of the step before it says that it is idle. Any other
/// supervisor ends with its step.
///
/// Its descriptors:
///
/// ```
/// 0      the control socket, on which its order comes
/// 1, 2   the command's output
/// 3      the status pipe: that it has begun, and in one word how the command ended
/// 4      the run's lock, which every descendant inherits
/// 5      the run's directory
/// 6      the socket on which it says that it is idle, and gets 0 to 5 of its next step
/// ```
///
/// The process that it is forked from gets 0 to 5 over the socket that is its own descriptor 0, or over connections to that
/// socket when it listens, as that of a unit does. Both have one thread, so the fork needs no exec: what costs time, loading
/// and linking, has happened.
package enum StepExec {
    /// The word by which the executable is asked for it.
    package static let word = "step-exec"
    static let controlDescriptor: CInt = 0
    static let statusDescriptor: CInt = 3
    static let lockDescriptor: CInt = 4
    static let directoryDescriptor: CInt = 5
    static let idleDescriptor: CInt = 6
    /// The descriptors of a step.
    static let endCount = 6
    /// The argument of one that is to be where no network is, so that no room has to be made without one.
    package static let withoutNetwork = "--without-network"
    /// The argument, followed by its path, of one that was given a control group.
    private static let groupOption = "--group="

    /// How one greets that has a control group for each step.
    static let hasGroups: UInt8 = 1

    /// Forks supervisors until the daemon and all of them are gone; where it listens, for every daemon that connects.
    package static func main(_ arguments: ArraySlice<String>) -> Never {
        signal(SIGPIPE, SIG_IGN)
        // Before it hides: after that it may not open its own files in /proc.
        rehearse()
        let group = arguments.first { $0.hasPrefix(groupOption) }?.dropFirst(groupOption.utf8.count)
        let surroundings = RoomSurroundings(
            groups: group.flatMap { StepGroups(at: String($0)) },
            // Where that cannot be, no room can be made either, and each step says so.
            isWithoutNetwork: arguments.contains(withoutNetwork) && (try? Room.leaveNetwork()) != nil)
        guard ForkServer.isOther(controlDescriptor), (try? Machine.hide()) != nil,
            (try? Machine.becomeSubreaper()) != nil,
            let children = try? Descriptors.childSignals()
        else {
            let message = "jobd step-exec is started by the daemon; it is not a command for people.\n"
            try? Descriptors.writeAll(message.utf8, to: STDERR_FILENO)
            exit(2)
        }
        var supervisors = SupervisorTable(surroundings.groups)
        var daemons = DaemonSockets(given: controlDescriptor, greeting: surroundings.groups == nil ? 0 : hasGroups)
        while daemons.mayCome || !supervisors.isEmpty {
            supervisors.letGoIdle(all: !daemons.mayCome)
            let (working, asking) = (supervisors.watched, daemons.watched)
            let events = Polling.wait([children] + working + asking, for: supervisors.interval)
            if events[0] { Polling.empty(children) }
            for (socket, isReady) in zip(working, events.dropFirst()) where isReady { supervisors.hear(from: socket) }
            supervisors.lookAfter()
            for (socket, isReady) in zip(asking, events.dropFirst(1 + working.count))
            where isReady && !daemons.accept(from: socket) {
                if !takeMessage(from: socket, &supervisors, surroundings) { daemons.remove(socket) }
            }
        }
        exit(0)
    }

    /// The descriptors of a new supervisor, or the status pipe of one that is to be killed; false when nobody is left who
    /// could send.
    private static func takeMessage(
        from socket: CInt, _ supervisors: inout SupervisorTable, _ surroundings: RoomSurroundings
    ) -> Bool {
        guard let ends = try? Descriptors.receive(over: socket) else { return false }
        switch ends.count {
        case 1: supervisors.kill(byStatus: ends[0])
        case endCount:
            let status = ends[Int(statusDescriptor)]
            if supervisors.giveToIdle(ends, status: status) { break }
            do throws(SystemError) {
                try fork(for: ends, &supervisors, surroundings)
            } catch {
                say(StepExit(error), to: status)
            }
        default: break
        }
        for descriptor in ends { close(descriptor) }
        return true
    }

    private static func fork(
        for ends: [CInt], _ supervisors: inout SupervisorTable, _ surroundings: RoomSurroundings
    ) throws(SystemError) {
        let (own, other) = try Descriptors.socketPair(SOCK_SEQPACKET)
        defer { close(other) }
        do throws(SystemError) {
            let process = try Machine.fork()
            if process == 0 { supervise(ends, idle: other, surroundings) }
            supervisors.add(process, socket: own, status: ends[Int(statusDescriptor)])
        } catch {
            close(own)
            throw error
        }
    }

    /// Does once what each supervisor does, so that none has to look up its symbols and types.
    ///
    /// The command is a folder: it is found in the path, and cannot be executed.
    private static func rehearse() {
        let limits = StepLimits(timeout: .zero, cpu: .zero)
        let room = RoomOrder(
            readable: ["/"], writable: [], covered: [], inputs: [], folders: [], temporary: "/", network: false,
            processes: 1)
        // The directory's path is long, because a string needs memory of its own only beyond 15 bytes.
        let order = StepOrder(
            workDirectory: "/proc/self/fdinfo", command: ["usr"], environment: ["PATH": "/"], room: room,
            limits: limits)
        // Any directory that is small and never empty.
        guard let read = StepOrder(line: order.line), let directory = try? Directory(at: "/proc/self/ns") else {
            return
        }
        let surroundings = RoomSurroundings(groups: nil, isWithoutNetwork: true)
        _ = RoomSupervisor(read, room: room, in: surroundings, watching: directory)
        _ = read.limits.ofRoom
        _ = try? StepSupervisor(read, watching: directory).start()
        // To no descriptor: nobody hears it.
        say(.lost, to: -1)
    }

    static func say(_ exit: StepExit, to descriptor: CInt) {
        try? Descriptors.writeAll((exit.word + "\n").utf8, to: descriptor)
    }
}

extension ForkServer.Origin {
    /// Started from the executable that has `step-exec`; whether its steps see the daemon's network.
    package static func steps(executable: String, hasNetwork: Bool = true) -> Self {
        .child(executable: executable, words: [StepExec.word] + (hasNetwork ? [] : [StepExec.withoutNetwork]))
    }
}
