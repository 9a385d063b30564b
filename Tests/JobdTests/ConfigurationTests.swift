import JSON
import JobModel
import JobProcessing
import Testing

@testable import jobd

@Suite(.timeLimit(.minutes(5)))
struct ConfigurationTests {
    @Test func anEmptyFileIsTheShippedOne() throws {
        let configuration = try read("")
        #expect(configuration == .shipped)
        #expect(configuration.storageDirectory == "/var/lib/jobd")
        #expect(configuration.front.maxUploadBytes == 4_294_967_296)
        #expect(configuration.live.queues.keys.contains("default"))
        #expect(
            configuration.live.pipelines["file_processing"]?.steps.map(\.step.name) == [
                "inspect", "convert-to-pdf", "extract-text", "read-properties", "text-statistics", "recognize-text",
                "recognized-text-statistics", "preview-pages", "measure-image", "make-thumbnail",
            ])
    }

    /// What the shipped file says about defaults, in comments, is so.
    @Test func theCommentedKeysOfTheShippedFileAreTheDefaults() throws {
        let text = Shipped.configuration.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in
                let isKey = line.wholeMatch(of: /#([A-Za-z]+ = \S+|\[[a-z.]+\])/) != nil
                return isKey ? line.dropFirst() : line
            }
            .joined(separator: "\n")
        #expect(text != Shipped.configuration)
        var expected = Configuration.shipped
        expected.live.queues["default"]?.width = 2
        #expect(try read(text) == expected)
    }

    @Test func everyKeyIsRead() throws {
        let configuration = try read(
            """
            storage.directory = "/srv/jobd"
            storage.minimumFreeBytes = 5000
            control = { socket = "/run/a.sock" }
            limits = { crashes = 5, grace = "1s", timeout = "3m", memoryBytes = 1000 }
            retention = { ended = "3d", pending = "1h", unusedFiles = "2h" }
            log.level = "debug"
            [front]
            socket = "/run/f.sock"
            processes = 4
            uploads = 8
            maxUploadBytes = 1000
            uploadIdle = "5s"
            daemonWait = "250ms"
            creationGrace = "0s"
            stopGrace = "1m"
            [queues.ocr]
            width = 3
            [pipelines.scan]
            queue = "ocr"
            maxAttempts = 3
            retryDelay = "1s"
            maximumRetryDelay = "1m"
            timeout = "2h"
            [[pipelines.scan.steps]]
            name = "look"
            use = "inspect"
            [[pipelines.scan.steps]]
            name = "read"
            run = ["tesseract", "{input}", "{output:text.txt}"]
            when = { mediaTypes = ["image/*"], results = { pages = 1, encrypted = false, kind = "x" } }
            perFile = true
            optional = true
            nextInput = "text.txt"
            needs = ["cat"]
            facts = { width = "Width", pages = { label = "Pages", type = "number", last = true } }
            words = true
            exitMessages = { 1 = "It has a password." }
            exitCodes = { 1 = "password" }
            environment = { A = "b" }
            weight = 2.5
            allowedExit = [0, 3]
            permanentExit = [65]
            timeout = "1m"
            silence = "10s"
            cpuTime = "20s"
            memoryBytes = 2000
            outputBytes = 3000
            printedBytes = 4000
            """)
        #expect(configuration.storageDirectory == "/srv/jobd")
        #expect(configuration.minimumFreeBytes == 5000)
        #expect(configuration.controlSocket == "/run/a.sock")
        #expect(configuration.live.crashLimit == 5)
        #expect(configuration.live.grace == .seconds(1))
        #expect(configuration.live.stepLimits == LimitSettings(timeout: .seconds(180), memoryBytes: 1000).over(.usual))
        #expect(
            configuration.live.retention
                == Configuration.Retention(
                    ended: .seconds(3 * 86_400), pending: .seconds(3600), unusedFiles: .seconds(7200)))
        #expect(configuration.live.logLevel == .debug)
        #expect(
            configuration.front
                == Configuration.Front(
                    socket: "/run/f.sock", processes: 4, uploads: 8, maxUploadBytes: 1000,
                    uploadIdle: .seconds(5), daemonWait: .milliseconds(250), creationGrace: .zero,
                    stopGrace: .seconds(60)))
        #expect(configuration.live.queues["ocr"]?.width == 3)
        #expect(
            configuration.live.pipelines["scan"]
                == PipelineSettings(
                    queue: "ocr", maxAttempts: 3, retryDelay: .seconds(1), maximumRetryDelay: .seconds(60),
                    timeout: .seconds(7200),
                    steps: [
                        StepSettings(step: Step(name: "look", action: .builtIn(.inspect))),
                        StepSettings(
                            step: Step(
                                name: "read",
                                action: .command(try CommandTemplate(["tesseract", "{input}", "{output:text.txt}"])),
                                condition: StepCondition(
                                    mediaTypes: ["image/*"], results: ["pages": 1, "encrypted": false, "kind": "x"]),
                                perFile: true, isOptional: true, weight: 2.5,
                                exits: StepExits(
                                    allowed: [0, 3], permanent: [65], messages: [1: "It has a password."],
                                    codes: [1: "password"]),
                                output: StepOutput(
                                    nextInput: ArtifactName("text.txt"),
                                    facts: ["width": Fact("Width"), "pages": Fact("Pages", .number, isLast: true)],
                                    printsWords: true),
                                needs: ["cat"], environment: ["A": "b"]),
                            limits: LimitSettings(
                                timeout: .seconds(60), silence: .seconds(10), cpuTime: .seconds(20), memoryBytes: 2000,
                                outputBytes: 3000, printedBytes: 4000)),
                    ]))
        let look = try #require(configuration.processing["scan"]?.steps.first?.limits)
        #expect(look.timeout == .seconds(180))
        #expect(look.memoryBytes == 1000)
        #expect(look.outputBytes == StepLimits.usual.outputBytes)
        #expect(configuration.live.pipelines["file_processing"] != nil)
    }

    @Test func aPipelineReplacesTheShippedOneKeyByKey() throws {
        let queue = try read("queues.a.width = 1\npipelines.file_processing.queue = \"a\"")
        #expect(queue.live.pipelines["file_processing"]?.steps.count == 10)
        let steps = try read("pipelines.file_processing.steps = []")
        #expect(steps.live.pipelines["file_processing"]?.steps == [])
    }

    @Test(arguments: [
        (
            "[storage]\ndirektory = \"/x\"",
            "f:2:storage.direktory: unknown key; remove it, or take one of: directory, minimumFreeBytes."
        ),
        ("\n[front]\nprocesses = \"4\"", "f:3:front.processes: it is \"4\"; write a whole number."),
        ("front.processes = 0", "f:1:front.processes: it is 0, but it must be from 1 to 64."),
        (
            "front.daemonWait = 10",
            "f:1:front.daemonWait: it is 10; write a span of time in quotes, such as \"600ms\", "
                + "\"10s\", \"5m\", \"24h\" or \"30d\"."
        ),
        ("front = 3", "f:1:front: it is 3; write a table."),
        (
            "front.allowedOrigins = [\"https://a.example\", \"https://b.example/\"]",
            "f:1:front.allowedOrigins: it is a list, but https://b.example/ is not an origin as browsers write it"
        ),
        ("front.allowedOrigins = [\"*\"]", "f:1:front.allowedOrigins: it is a list, but * is not an origin"),
        ("storage.directory = \"data\"", "f:1:storage.directory: it is \"data\", but a path must begin with /."),
        ("a = 1\na = 2", "f:2: this is not TOML"),
        ("x = \"\0\"", "f:1: this is not TOML: a NUL byte"),
        (
            "[[pipelines.p.steps]]\nname = \"a\"\nuse = \"inspect\"\nwhen = { media = [\"a/b\"] }",
            "f:4:pipelines.p.steps[0].when: it is a table, but media is not one of its keys, which are mediaTypes and"
        ),
        (
            "[[pipelines.p.steps]]\nname = \"a\"\nuse = \"inspect\"\nallowedExit = [256]",
            "f:4:pipelines.p.steps[0].allowedExit: it is a list; write a list of exit codes, from 0 to 255."
        ),
        (
            "[[pipelines.p.steps]]\nname = \"a\"\nuse = \"inspect\"\nnextInput = \"b\"",
            "f:4:pipelines.p.steps[0].nextInput: only a step that runs for each file can replace it; add perFile = true."
        ),
        (
            "[[pipelines.p.steps]]\nname = \"a\"\nuse = \"inspect\"\nenvironment = { JOBD_X = \"b\" }",
            "f:4:pipelines.p.steps[0].environment: it is a table, but JOBD_X is not a name for a variable."
        ),
        (
            "[[pipelines.p.steps]]\nname = \"a\"\nuse = \"inspect\"\nperFile = \"yes\"",
            "f:4:pipelines.p.steps[0].perFile: it is \"yes\"; write true or false."
        ),
        (
            "[[pipelines.p.steps]]\nname = \"a\"\nuse = \"inspect\"\nexitMessages = { 0 = \"x\" }",
            "f:4:pipelines.p.steps[0].exitMessages: it is a table, but 0 is not an exit code of a failure, from 1 to 255."
        ),
        (
            "[[pipelines.p.steps]]\nname = \"a\"\nuse = \"inspect\"\nexitCodes = { 1 = \"Locked!\" }",
            "f:4:pipelines.p.steps[0].exitCodes: it is a table, but Locked! is not a code: at most 64 of the letters a to z,"
        ),
        (
            "[[pipelines.p.steps]]\nname = \"a\"\nuse = \"inspect\"\nfacts = { n = { label = \"N\", type = \"date\" } }",
            "f:4:pipelines.p.steps[0].facts: it is a table, but n: the type must be one of text, number, boolean."
        ),
        (
            "[[pipelines.p.steps]]\nname = \"a\"\nuse = \"inspect\"\nfacts = { n = 1 }",
            "f:4:pipelines.p.steps[0].facts: it is a table; write a table of labels,"
        ),
        ("pipelines.p.queue = \"q\"", "f:1:pipelines.p.queue: it is \"q\", but there is no such queue"),
        ("[[pipelines.p.steps]]\nuse = \"inspect\"", "f:1:pipelines.p.steps[0]: a step needs a name"),
        ("[[pipelines.p.steps]]\nname = \"a\"", "f:1:pipelines.p.steps[0]: a step needs either use"),
        (
            "[[pipelines.p.steps]]\nname = \"a\"\nuse = \"magic\"",
            "f:3:pipelines.p.steps[0].use: it is \"magic\"; write one of \"inspect\", \"text-statistics\"."
        ),
        (
            "[[pipelines.p.steps]]\nname = \"a\"\nrun = [\"cat\", \"{file}\"]",
            "f:3:pipelines.p.steps[0].run: it is a list, but {file} is not a place; there are {input},"
        ),
        (
            "[[pipelines.p.steps]]\nname = \"a\"\nrun = []",
            "f:3:pipelines.p.steps[0].run: it is a list, but the first word must be a program."
        ),
    ])
    func aMistakeIsToldWithItsPlace(text: String, message: String) {
        let errors = errors(of: text)
        #expect(errors.count == 1)
        #expect(errors.first?.description.hasPrefix(message) == true, "\(errors)")
    }

    @Test func allMistakesAreToldAtOnceInTheOrderOfTheLines() {
        let errors = errors(of: "[limits]\ncrashes = 0\n[log]\nlevel = \"loud\"\n[front]\nthread = 1\n")
        #expect(errors.map(\.line) == [2, 4, 6])
        #expect(errors.map(\.key) == ["limits.crashes", "log.level", "front.thread"])
    }

    @Test func aFlagGoesBeforeTheEnvironmentAndThatBeforeTheFile() throws {
        let text = "front.processes = 1\nfront.uploads = 1\nfront.maxUploadBytes = 1"
        let configuration = try Configuration.read(
            text, file: "f",
            environment: ["JOBD_FRONT_PROCESSES": "2", "JOBD_FRONT_UPLOADS": "2", "JOBD_FRONT_DAEMON_WAIT": "2s"],
            flags: ["front.processes": "3"])
        #expect(configuration.front.processes == 3)
        #expect(configuration.front.uploads == 2)
        #expect(configuration.front.maxUploadBytes == 1)
        #expect(configuration.front.daemonWait == .seconds(2))
    }

    @Test func aWrongEnvironmentVariableIsNamed() {
        let errors = errors(of: "", environment: ["JOBD_FRONT_PROCESSES": "many", "JOBD_FRONT": "anything"])
        #expect(errors.map(\.description) == ["JOBD_FRONT_PROCESSES: it is \"many\"; write a whole number."])
    }

    @Test func everySocketIsKeptFromSteps() throws {
        var configuration = Configuration()
        configuration.controlSocket = "/tmp/dev/run/jobd.sock"
        configuration.front.socket = "127.0.0.1:9000"
        #expect(
            Set(configuration.sockets)
                == Set(
                    ["admin", "jobd", "observe", "front", "deliver", "fastcgi", "websocket"].map {
                        "/tmp/dev/run/\($0).sock"
                    }))
        configuration.front.socket = "/srv/fastcgi.sock"
        #expect(configuration.sockets.contains("/srv/websocket.sock"))
    }

    private func read(_ text: String) throws -> Configuration { try Configuration.read(text, file: "f") }

    private func errors(of text: String, environment: [String: String] = [:]) -> [ConfigurationError] {
        do {
            _ = try Configuration.read(text, file: "f", environment: environment)
            return []
        } catch {
            return error.errors
        }
    }
}
