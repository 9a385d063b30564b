import JSON
import JobAccess
import JobDaemon
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
    /// The keys of tokens that are in force.
    private let keys: Mutex<TokenKeys>
    /// So that of two reloads at once the one that read last is in force last.
    private let mutex = AsyncMutex()
    private let logger: Logger

    init(file: String?, running: Configuration, keys: TokenKeys, logger: Logger) {
        self.keys = Mutex(keys)
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

    /// Answers `{changed, needsRestart}` with key paths; a configuration with a mistake changes nothing, nor do such keys.
    ///
    /// `tokenKeys` is the text of the file of keys, where the daemon may not read it.
    func run(tokenKeys: String? = nil) async -> Result<JSONValue, Refusal> {
        await mutex.run { await reload(tokenKeys: tokenKeys) }
    }

    private func reload(tokenKeys: String?) async -> Result<JSONValue, Refusal> {
        let read: Configuration
        do throws(ConfigurationErrors) {
            read = try await Blocking.run { [file] () throws(ConfigurationErrors) in try Configuration.load(file: file)
            }
        } catch {
            logger.error("the configuration was not reloaded", metadata: ["reason": "\(error)"])
            return .failure(Refusal(.invalidRequest, "\(error)"))
        }
        let before = running.withLock { $0 }
        let policy: AccessPolicy
        do throws(Configuration.Access.KeysFailure) {
            policy = before.access.policy(with: try await readKeys(tokenKeys, before.access))
        } catch {
            logger.error("the keys of tokens were not reloaded", metadata: ["reason": "\(error)"])
            return .failure(Refusal(.invalidRequest, "\(error)"))
        }
        var changed = before.reloadableDifferences(to: read)
        let hadKeys = keys.withLock { known in
            defer { known = policy.keys }
            return known
        }
        if hadKeys != policy.keys { changed.append("access.keysFile") }
        let needsRestart = before.fixedDifferences(to: read)
        running.withLock { $0 = $0.reloaded(from: read) }
        logger.setSharedLevel(read.live.logLevel)
        if let parts = parts.withLock({ $0 }) {
            await parts.daemon.setPolicy(policy)
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

    /// What was read for this process when it started is as old as the process: what somebody gives it is newer.
    private func readKeys(
        _ text: String?, _ access: Configuration.Access
    ) async throws(Configuration.Access.KeysFailure) -> TokenKeys {
        if access.hasCredential {
            if let text { return try access.keys(of: text) }
            return keys.withLock { $0 }
        }
        return try await Blocking.run { () throws(Configuration.Access.KeysFailure) in try access.keys() }
    }
}
