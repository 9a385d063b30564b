import Glibc
import JobSystem
import JobTesting

/// `jobd step-exec` as a service manager runs it: its socket is there before it, and stays when it goes.
final class StepUnit {
    let path: String
    private let listener: CInt
    private(set) var process: pid_t = 0

    init(in directory: String, _ name: String = "steps.sock") throws {
        path = "\(directory)/\(name)"
        let flags = CInt(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue)
        listener = try SystemError.check("socket", socket(AF_UNIX, flags, 0))
        let address = try UnixAddress(path)
        try SystemError.check("bind", address.with { bind(listener, $0, $1) })
        try SystemError.check("listen", listen(listener, 16))
    }

    /// Starts it, or a command that becomes it; whoever has connected already is served.
    func start(in command: [String] = [BuiltPrograms.jobd, "step-exec"]) {
        let spawn = Spawn(
            path: ProgramPath.find(command[0], in: ProgramPath.standard) ?? "", arguments: command,
            environment: ["PATH": ProgramPath.standard], descriptors: [listener, STDERR_FILENO, STDERR_FILENO])
        process = (try? spawn.start()) ?? 0
    }

    /// Kills it, and returns when nothing of it is left.
    func kill() async {
        let process = process
        Glibc.kill(process, SIGKILL)
        await onOwnThread { while waitpid(process, nil, 0) < 0, errno == EINTR {} }
        self.process = 0
    }

    deinit {
        close(listener)
        guard process > 0 else { return }
        Glibc.kill(process, SIGKILL)
        while waitpid(process, nil, 0) < 0, errno == EINTR {}
    }
}
