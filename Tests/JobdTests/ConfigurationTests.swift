import JobProcessing
import Testing

@testable import jobd

@Suite struct ConfigurationTests {
    @Test func anEmptyFileIsTheShippedOne() throws {
        let configuration = try read("")
        #expect(configuration == .shipped)
        #expect(configuration.storageDirectory == "/var/lib/jobd")
        #expect(configuration.front.maxUploadBytes == 4_294_967_296)
        #expect(configuration.queues.keys.contains("default"))
        #expect(
            configuration.pipelines["file_processing"]?.steps.map(\.name) == [
                "inspect", "extract-text", "text-statistics",
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
        expected.queues["default"]?.width = 2
        #expect(try read(text) == expected)
    }

    @Test func everyKeyIsRead() throws {
        let configuration = try read(
            """
            storage.directory = "/srv/jobd"
            storage.minimumFreeBytes = 5000
            control = { socket = "/run/a.sock" }
            limits.crashes = 5
            retention.unusedFiles = "2h"
            log.level = "debug"
            [front]
            socket = "/run/f.sock"
            processes = 4
            threads = 2
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
            timeout = "2h"
            [[pipelines.scan.steps]]
            name = "look"
            use = "inspect"
            [[pipelines.scan.steps]]
            name = "read"
            run = ["tesseract", "{input}", "{output:text.txt}"]
            when = ["image/*"]
            weight = 2.5
            timeout = "1m"
            silence = "10s"
            """)
        #expect(configuration.storageDirectory == "/srv/jobd")
        #expect(configuration.minimumFreeBytes == 5000)
        #expect(configuration.controlSocket == "/run/a.sock")
        #expect(configuration.crashLimit == 5)
        #expect(configuration.unusedFileAge == .seconds(7200))
        #expect(configuration.logLevel == .debug)
        #expect(
            configuration.front
                == Configuration.Front(
                    socket: "/run/f.sock", processes: 4, threads: 2, uploads: 8, maxUploadBytes: 1000,
                    uploadIdle: .seconds(5), daemonWait: .milliseconds(250), creationGrace: .zero,
                    stopGrace: .seconds(60)))
        #expect(configuration.queues["ocr"]?.width == 3)
        #expect(
            configuration.pipelines["scan"]
                == PipelineSettings(
                    queue: "ocr", maxAttempts: 3, timeout: .seconds(7200),
                    steps: [
                        StepSettings(name: "look", action: .builtIn(.inspect)),
                        StepSettings(
                            name: "read",
                            action: .command(try CommandTemplate(["tesseract", "{input}", "{output:text.txt}"])),
                            when: ["image/*"], weight: 2.5, timeout: .seconds(60), silence: .seconds(10)),
                    ]))
        #expect(configuration.pipelines["file_processing"] != nil)
    }

    @Test func aPipelineReplacesTheShippedOneKeyByKey() throws {
        let queue = try read("queues.a.width = 1\npipelines.file_processing.queue = \"a\"")
        #expect(queue.pipelines["file_processing"]?.steps.count == 3)
        let steps = try read("pipelines.file_processing.steps = []")
        #expect(steps.pipelines["file_processing"]?.steps == [])
    }

    @Test(arguments: [
        (
            "[storage]\ndirektory = \"/x\"",
            "f:2:storage.direktory: unknown key; remove it, or take one of: directory, minimumFreeBytes."
        ),
        ("\n[front]\nthreads = \"4\"", "f:3:front.threads: it is \"4\"; write a whole number."),
        ("front.threads = 0", "f:1:front.threads: it is 0, but it must be from 1 to 64."),
        (
            "front.daemonWait = 10",
            "f:1:front.daemonWait: it is 10; write a span of time in quotes, such as \"600ms\", "
                + "\"10s\", \"5m\", \"24h\" or \"30d\"."
        ),
        ("front = 3", "f:1:front: it is 3; write a table."),
        ("storage.directory = \"data\"", "f:1:storage.directory: it is \"data\", but a path must begin with /."),
        ("a = 1\na = 2", "f:2: this is no TOML"),
        ("x = \"\0\"", "f:1: this is no TOML: a NUL byte"),
        ("pipelines.p.queue = \"q\"", "f:1:pipelines.p.queue: it is \"q\", but there is no such queue"),
        ("[[pipelines.p.steps]]\nuse = \"inspect\"", "f:1:pipelines.p.steps[0]: a step needs a name"),
        ("[[pipelines.p.steps]]\nname = \"a\"", "f:1:pipelines.p.steps[0]: a step needs either use"),
        (
            "[[pipelines.p.steps]]\nname = \"a\"\nuse = \"magic\"",
            "f:3:pipelines.p.steps[0].use: it is \"magic\"; write one of \"inspect\", \"text-statistics\"."
        ),
        (
            "[[pipelines.p.steps]]\nname = \"a\"\nrun = [\"cat\", \"{file}\"]",
            "f:3:pipelines.p.steps[0].run: it is a list, but {file} is no place; there are {input},"
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
        let text = "front.threads = 1\nfront.uploads = 1\nfront.processes = 1"
        let configuration = try Configuration.read(
            text, file: "f",
            environment: ["JOBD_FRONT_THREADS": "2", "JOBD_FRONT_UPLOADS": "2", "JOBD_FRONT_DAEMON_WAIT": "2s"],
            flags: ["front.threads": "3"])
        #expect(configuration.front.threads == 3)
        #expect(configuration.front.uploads == 2)
        #expect(configuration.front.processes == 1)
        #expect(configuration.front.daemonWait == .seconds(2))
    }

    @Test func aWrongEnvironmentVariableIsNamed() {
        let errors = errors(of: "", environment: ["JOBD_FRONT_THREADS": "many", "JOBD_FRONT": "anything"])
        #expect(errors.map(\.description) == ["JOBD_FRONT_THREADS: it is \"many\"; write a whole number."])
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
