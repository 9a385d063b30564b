import Glibc
import JobModel
import JobProcessing
import JobSystem

/// A process of `jobd dev`: how it is started, as often as it takes.
struct Part {
    /// For messages.
    let name: String
    /// Whether it is one of those through which strangers come, which are closed before the daemon stops.
    ///
    /// The processes of its group go with it.
    let facesStrangers: Bool
    let spawn: Spawn

    /// `jobd` itself with other arguments and listening sockets by their names, handed over as systemd would.
    static func jobd(
        _ path: String, _ arguments: [String], name: String, sockets: [(name: String, descriptor: CInt)],
        environment: DevEnvironment,
        facesStrangers: Bool = false
    ) -> Part {
        var spawn = Spawn(
            path: path, arguments: ["jobd"] + arguments,
            environment: environment.variables.merging([
                "LISTEN_FDS": "\(sockets.count)", "LISTEN_FDNAMES": sockets.map(\.name).joined(separator: ":"),
            ]) { _, new in new },
            descriptors: standardDescriptors + sockets.map(\.descriptor))
        spawn.setsListenPID = true
        spawn.hasOwnGroup = true
        spawn.parentDeathSignal = SIGKILL
        return Part(name: name, facesStrangers: facesStrangers, spawn: spawn)
    }

    /// nginx, which takes open sockets as if from an older nginx; told to end, it ends its workers too.
    static func nginx(
        _ path: String, _ configuration: NginxConfiguration, sockets: [CInt], environment: DevEnvironment
    ) -> Part {
        let numbers = sockets.indices.map { "\(standardDescriptors.count + $0);" }.joined()
        var spawn = Spawn(
            path: path,
            arguments: [
                "nginx", "-p", configuration.directory, "-e", "stderr", "-c",
                "\(configuration.directory)/\(NginxConfiguration.mainFile)",
            ],
            environment: environment.variables.merging(["NGINX": numbers]) { _, new in new },
            descriptors: standardDescriptors + sockets)
        spawn.hasOwnGroup = true
        spawn.parentDeathSignal = SIGTERM
        return Part(name: "nginx", facesStrangers: true, spawn: spawn)
    }

    /// No input; what is written goes to standard error, because standard output has one line only.
    private static let standardDescriptors = [open("/dev/null", O_RDONLY | O_CLOEXEC), STDERR_FILENO, STDERR_FILENO]
}

/// What every part finds in its environment: this process's own variables, and where things are.
struct DevEnvironment {
    let variables: [String: String]

    init(configuration: Configuration) {
        // What a service manager told this process is not for its children.
        let own = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]
        var variables = Environment.variables().filter { !own.contains($0.key) }
        let places = [
            ConfigurationPath().key("storage").key("directory"): configuration.storageDirectory,
            ConfigurationPath().key("control").key("socket"): configuration.controlSocket,
            ConfigurationPath().key("front").key("socket"): configuration.front.socket,
            ConfigurationPath().key("access").key("anonymous"): configuration.access.anonymous.rawValue,
            ConfigurationPath().key("access").key("keysFile"): configuration.access.keysFile,
            ConfigurationPath().key("sandbox").key("steps"): configuration.sandbox.steps.rawValue,
        ]
        for (path, place) in places { variables[path.environmentName] = place }
        self.variables = variables
    }
}
