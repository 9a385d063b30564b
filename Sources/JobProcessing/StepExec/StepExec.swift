import CSpawn
import Glibc

/// `jobd step-exec`: runs one command so that nothing of it can get away.
///
/// A process of its own between the daemon and the command, with one thread. It stays outside the command's process group
/// and is the subreaper of everything below it; it holds the lock of the run's directory in a descriptor that every
/// descendant inherits; it ends everything when the daemon says so or dies (both end the control pipe), when the time is up
/// or the directory too large, and after the command has ended by itself.
///
/// Its descriptors: 0 control pipe, 1 and 2 the command's output, 3 where it says in one word how the command ended.
package enum StepExec {
    static let controlDescriptor: CInt = 0
    static let statusDescriptor: CInt = 3

    /// Runs the command line behind `step-exec`, and ends the process.
    package static func main(_ words: [String]) -> Never {
        signal(SIGPIPE, SIG_IGN)
        guard let arguments = StepExecArguments(words: words) else {
            let message = Array("jobd step-exec is started by the daemon; it is no command for people.\n".utf8)
            _ = write(STDERR_FILENO, message, message.count)
            exit(2)
        }
        var supervisor = StepSupervisor(arguments)
        let word = Array((supervisor.run().word + "\n").utf8)
        _ = write(statusDescriptor, word, word.count)
        exit(0)
    }
}
