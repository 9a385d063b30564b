import Glibc
import JobSystem

/// `jobd type-exec`: forks a process for each file, which says what the file's media type is.
///
/// Whatever a file makes of the code that reads it, it makes of that one process: it has this file alone, and the kernel
/// refuses it everything but to read, to have memory, to write its answer, and to end. The next file meets another.
///
/// On the socket that is its descriptor 0 come messages of two descriptors: the file, and a pipe for the answer.
package enum TypeExec {
    /// The word by which the executable is asked for it.
    package static let word = "type-exec"
    private static let socket: CInt = 0
    /// The descriptors of what is forked.
    private static let file: CInt = 0
    private static let answer: CInt = 1
    private static let endCount = 2
    /// For one file: seconds and bytes of which libmagic needs a hundredth.
    private static let limits: [(resource: __rlimit_resource, value: rlim_t)] = [
        (RLIMIT_CPU, 1), (RLIMIT_DATA, 256 * 1024 * 1024), (RLIMIT_CORE, 0),
    ]

    /// Forks until nobody is left who could send a file.
    package static func main() -> Never {
        signal(SIGPIPE, SIG_IGN)
        // It goes with the process that has started it, which may go on for a while when its service is told to end.
        signal(SIGTERM, SIG_IGN)
        // Nobody waits for what it forks.
        signal(SIGCHLD, SIG_IGN)
        guard ForkServer.isOther(socket), (try? Machine.hide()) != nil else {
            let message = "jobd type-exec is started by jobd; it is not a command for people.\n"
            try? Descriptors.writeAll(message.utf8, to: STDERR_FILENO)
            exit(2)
        }
        let tables = MagicTables()
        while let ends = try? Descriptors.receive(over: socket) {
            if ends.count == endCount {
                do throws(SystemError) {
                    if try Machine.fork() == 0 { look(ends, tables) }
                } catch {
                    say(.failure(error), to: ends[Int(answer)])
                }
            }
            for descriptor in ends { close(descriptor) }
        }
        exit(0)
    }

    private static func look(_ ends: [CInt], _ tables: MagicTables) -> Never {
        guard (try? Descriptors.place(ends)) != nil else { _exit(1) }
        // The handlers of Swift's runtime would tell of a crash, which the filter refuses them, and tell again.
        for number in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT] { signal(number, SIG_DFL) }
        do throws(SystemError) {
            var status = stat()
            try SystemError.check("fstat", fstat(file, &status))
            for (resource, value) in limits {
                var limit = rlimit(rlim_cur: value, rlim_max: value)
                try SystemError.check("setrlimit", setrlimit(__rlimit_resource_t(resource.rawValue), &limit))
            }
            try Machine.confine(writingTo: answer)
            say(.success(MediaType.ofFile(file, byteCount: Int(status.st_size), by: tables)), to: answer)
        } catch {
            say(.failure(error), to: answer)
        }
        _exit(0)
    }

    private static func say(_ result: Result<String, SystemError>, to descriptor: CInt) {
        try? Descriptors.writeAll(TypeAnswer(result).line.utf8, to: descriptor)
    }
}
