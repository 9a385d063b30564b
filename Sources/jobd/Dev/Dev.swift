import Glibc
import JobDaemon
import JobModel
import JobProcessing
import JobSystem

/// `jobd dev`: the daemon, the fronts and nginx in the foreground, on 127.0.0.1, with all their state in one directory.
struct Dev {
    /// Why it could not start, as a sentence for the user.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Nil: a new temporary one, which stays.
    var directory: String?
    /// 0: any that is free.
    var port: UInt16 = 8080
    /// Nil: `jobd.toml` in the directory, which is written if it is missing.
    var configurationFile: String?
    /// How many fronts; nil: what the configuration says.
    var fronts: Int?
    /// Where the pages of the documentation are; nil: where the package puts them.
    var documentation: String?
    /// Where the pages are that are shown at `/`; nil: the demo is.
    var pages: String?
    /// Names that it answers to beside those of this machine: a page elsewhere can give its own name to 127.0.0.1, and would
    /// then be a page of this site.
    var hosts: [HostName] = []

    private var allHosts: [HostName] { HostName.ofThisMachine + hosts }

    /// Runs until SIGINT, SIGTERM or SIGHUP, then ends all that it started.
    ///
    /// To be called from the main thread while there is no other: its signals are taken in turn, and the end of the thread
    /// that started a part would be the end of the part.
    ///
    /// - Returns: The exit code: 0, or another after a line on standard error.
    func run() -> Int32 {
        Signals.block()
        do {
            let directory = try DevDirectory.make(directory)
            try DevDirectory.write(WebFiles.all, to: directory.web)
            try DevDirectory.write(WebFiles.articles, to: directory.docs)
            let documentation = try Documentation.folder(documentation, otherwise: directory.docs)
            let pages = try pages.map { try PageFolder.named($0, by: "--pages") }
            let (parts, url, socket) = try parts(in: directory, documentation: documentation, pages: pages)
            Message.write("its state is in \(directory.path)")
            var supervisor = Supervisor(parts: parts)
            return supervisor.run(
                Welcome(
                    url: url, socket: socket, hasPages: pages != nil, hasDocumentation: documentation != nil))
        } catch {
            Message.write("\(error)")
            return error is ConfigurationErrors ? ExitCode.configuration : 1
        }
    }

    /// Reads the configuration.
    ///
    /// Where it says nothing of rooms, shipped steps run in rooms if rooms can be made here. Others may need what only their
    /// author knows, and have the rooms that he asks for.
    private static func load(_ file: String, in directory: DevDirectory) throws -> Configuration {
        var defaults = directory.defaults
        defaults.sandbox.steps = .off
        let configuration = try Configuration.load(file: file, defaults: defaults)
        guard configuration.hasOnlyShippedSteps else { return configuration }
        defaults.sandbox.steps = .auto
        return try Configuration.load(file: file, defaults: defaults)
    }

    /// Everything that can go wrong before the first process: sockets are open when this returns, and stay open, so that
    /// whoever connects while a part is started again waits for it.
    private func parts(
        in directory: DevDirectory, documentation: String?, pages: String?
    ) throws -> (parts: [Part], url: LocalURL, controlSocket: String) {
        let file = configurationFile ?? directory.configurationFile
        let configuration = try Self.load(file, in: directory)
        let connections = Descriptors.raiseLimit()
        let programs = try DevPrograms.find()
        let web = try LocalURL.listen(port: port)
        let control = try Door.allCases.map { door in
            let path = door.path(beside: configuration.controlSocket)
            return (name: door.rawValue, descriptor: try ControlSocket.listen(at: path, mode: door.mode))
        }
        let fastCGI = try ControlSocket.listen(at: configuration.front.socket)
        let webSocket = try ControlSocket.listen(at: configuration.front.webSocket)
        let nginx = NginxConfiguration(
            directory: directory.nginx, url: web.url, hosts: allHosts, fastCGISocket: configuration.front.socket,
            webSocket: configuration.front.webSocket, webDirectory: directory.web, documentation: documentation,
            ownPages: pages, connections: min(20_000, connections), runsAsRoot: geteuid() == 0)
        try directory.write(nginx.files)

        let environment = DevEnvironment(configuration: configuration)
        let daemon = Part.jobd(
            programs.jobd, ["serve", "--config", file], name: "daemon", sockets: control, environment: environment)
        let fronts = (1...(fronts ?? configuration.front.processes)).map { number in
            Part.jobd(
                programs.jobd,
                ["fastcgi", "--config", file] + allHosts.flatMap { ["--host", $0.description] },
                name: "front \(number)",
                sockets: [
                    (FrontService.socketNames.fastCGI, fastCGI), (FrontService.socketNames.webSocket, webSocket),
                ],
                environment: environment, facesStrangers: true)
        }
        let deliver = Part.jobd(
            programs.jobd, ["deliver", "--config", file], name: "deliver", sockets: [], environment: environment,
            facesStrangers: true)
        return (
            [daemon, deliver] + fronts + [
                .nginx(programs.nginx, nginx, sockets: web.sockets, environment: environment)
            ],
            web.url, configuration.controlSocket
        )
    }
}
