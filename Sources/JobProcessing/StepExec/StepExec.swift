import Glibc
import JobSystem

/// `jobd step-exec`: forks a supervisor for each step, and a supervisor runs one command so that nothing of it can get away.
///
/// A supervisor is a process of its own between the daemon and the command. It stays outside the command's process group
/// and is the subreaper of everything below it; it holds the lock of the run's directory in a descriptor that every
/// descendant inherits; it ends everything when the daemon says so or dies (both end the control socket), when the time is
/// up or the directory too large, and after the command has ended by itself.
///
/// Its descriptors: 0 control socket, on which its order comes, 1 and 2 the command's output, 3 where it says in one word
/// how the command ended. The process that it is forked from gets these four over the socket that is its own descriptor 0.
/// Both have one thread, so the fork needs no exec: what costs time, loading and linking, has happened.
package enum StepExec {
    static let controlDescriptor: CInt = 0
    static let statusDescriptor: CInt = 3
    /// The supervisor's descriptors.
    private static let endCount = 4

    /// Forks supervisors until the daemon is gone.
    package static func main() -> Never {
        signal(SIGPIPE, SIG_IGN)
        // Nobody waits for supervisors.
        signal(SIGCHLD, SIG_IGN)
        rehearse()
        do throws(SystemError) {
            while let ends = try Descriptors.receive(over: controlDescriptor) {
                if ends.count == endCount { fork(ends) }
                for descriptor in ends { close(descriptor) }
            }
            exit(0)
        } catch {
            let message = "jobd step-exec is started by the daemon; it is not a command for people.\n"
            try? Descriptors.writeAll(message.utf8, to: STDERR_FILENO)
            exit(2)
        }
    }

    private static func fork(_ ends: [CInt]) {
        do throws(SystemError) {
            if try Machine.fork() == 0 { supervise(ends) }
        } catch {
            say(.notStarted(reason: "\(error)"), to: ends[Int(statusDescriptor)])
        }
    }

    /// Looks up once, at their first use, the symbols and types that each supervisor would look up.
    private static func rehearse() {
        let limits = StepLimits(timeout: .zero, cpu: .zero)
        let order = StepOrder(
            directory: "/", workDirectory: "/", command: ["/"], environment: ["PATH": "/"], limits: limits)
        _ = StepOrder(line: order.line)
    }

    private static func supervise(_ ends: [CInt]) -> Never {
        signal(SIGCHLD, SIG_DFL)
        guard setpgid(0, 0) == 0, (try? Descriptors.place(ends)) != nil else { _exit(1) }
        var exit = StepExit.lost
        if let order = StepOrder.read(from: controlDescriptor) {
            var supervisor = StepSupervisor(order)
            exit = supervisor.run()
        }
        say(exit, to: statusDescriptor)
        _exit(0)
    }

    private static func say(_ exit: StepExit, to descriptor: CInt) {
        try? Descriptors.writeAll((exit.word + "\n").utf8, to: descriptor)
    }
}
