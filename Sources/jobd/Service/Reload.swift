import JobDaemon
import JobModel
import JobProcessing
import JobWire
import Logging
import Synchronization

/// Reads the configuration again, puts in force what can change while running, and says what cannot.
final class Reload: Sendable {
    private struct Parts: Sendable {
        let daemon: Daemon
        let processor: Processor
    }

    private let file: String?
    private let running: Mutex<Configuration>
    private let parts = Mutex<Parts?>(nil)
    private let logger: Logger

    init(file: String?, running: Configuration, logger: Logger) {
        self.file = file
        self.running = Mutex(running)
        self.logger = logger
    }

    func connect(_ daemon: Daemon, _ processor: Processor) {
        parts.withLock { $0 = Parts(daemon: daemon, processor: processor) }
    }

    /// What is in force.
    var configuration: Configuration { running.withLock { $0 } }

    /// The file as it is now, and what of it is not in force; or what is wrong with it.
    ///
    /// Blocks while it reads.
    func pending() -> JSONValue {
        let path = JSONValue.string(file ?? Configuration.usualFile)
        do throws(ConfigurationErrors) {
            let read = try Configuration.load(file: file)
            let running = configuration
            return [
                "file": path, "problem": .null,
                "changed": .array(running.reloadableDifferences(to: read).map(JSONValue.string)),
                "needsRestart": .array(running.fixedDifferences(to: read).map(JSONValue.string)),
            ]
        } catch {
            return ["file": path, "problem": .string("\(error)"), "changed": [], "needsRestart": []]
        }
    }

    /// Answers `{changed, needsRestart}` with key paths; a configuration with a mistake changes nothing.
    func run() async -> Result<JSONValue, Refusal> {
        let read: Configuration
        do throws(ConfigurationErrors) {
            read = try Configuration.load(file: file)
        } catch {
            logger.error("the configuration was not reloaded", metadata: ["reason": "\(error)"])
            return .failure(Refusal(.invalidRequest, "\(error)"))
        }
        let before = running.withLock { $0 }
        let changed = before.reloadableDifferences(to: read)
        let needsRestart = before.fixedDifferences(to: read)
        running.withLock { $0 = $0.reloaded(from: read) }
        if let parts = parts.withLock({ $0 }) {
            parts.processor.setPipelines(read.processing)
            await parts.daemon.setRules(read.rules)
        }
        logger.notice(
            "the configuration was reloaded",
            metadata: [
                "changed": "\(changed.joined(separator: ","))",
                "needsRestart": "\(needsRestart.joined(separator: ","))",
            ])
        return .success([
            "changed": .array(changed.map(JSONValue.string)),
            "needsRestart": .array(needsRestart.map(JSONValue.string)),
        ])
    }
}

extension Configuration {
    func reloadableDifferences(to other: Configuration) -> [String] {
        var keys: [String] = []
        for name in Set(queues.keys).union(other.queues.keys).sorted() where queues[name] != other.queues[name] {
            keys.append("queues.\(name)")
        }
        for type in Set(pipelines.keys).union(other.pipelines.keys).sorted()
        where pipelines[type] != other.pipelines[type] {
            keys.append("pipelines.\(type)")
        }
        if crashLimit != other.crashLimit { keys.append("limits.crashes") }
        if grace != other.grace || stepLimits != other.stepLimits { keys.append("limits of steps") }
        if retention != other.retention { keys.append("retention") }
        return keys
    }

    func fixedDifferences(to other: Configuration) -> [String] {
        var keys: [String] = []
        if storageDirectory != other.storageDirectory { keys.append("storage.directory") }
        if minimumFreeBytes != other.minimumFreeBytes { keys.append("storage.minimumFreeBytes") }
        if controlSocket != other.controlSocket { keys.append("control.socket") }
        if front != other.front { keys.append("front") }
        if logLevel != other.logLevel { keys.append("log.level") }
        return keys
    }

    /// This configuration with everything of the other that needs no restart.
    func reloaded(from other: Configuration) -> Configuration {
        var configuration = self
        configuration.queues = other.queues
        configuration.pipelines = other.pipelines
        configuration.crashLimit = other.crashLimit
        configuration.grace = other.grace
        configuration.stepLimits = other.stepLimits
        configuration.retention = other.retention
        return configuration
    }
}
