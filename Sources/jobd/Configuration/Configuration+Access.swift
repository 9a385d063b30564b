import Glibc
import JobAccess
import JobSystem
import Logging

extension Configuration.Access {
    /// Why there are no keys, as a sentence.
    struct KeysFailure: Error, CustomStringConvertible {
        let path: String
        let reason: String
        var description: String { "The keys of tokens in \(path) cannot be read: \(reason)." }
    }

    /// Who may do what, at a start; without keys that can be read there are no tokens.
    ///
    /// Blocks.
    func policy(_ logger: Logger) -> AccessPolicy {
        do throws(KeysFailure) {
            return policy(with: try keys())
        } catch {
            logger.error("there are no tokens", metadata: ["reason": "\(error)"])
            return policy(with: TokenKeys())
        }
    }

    func policy(with keys: TokenKeys) -> AccessPolicy {
        AccessPolicy(anonymous: anonymous, keys: keys, tokenLifetime: tokenLifetime, auditsAll: audit == .all)
    }

    /// The keys as they are in the file now; none without a file.
    ///
    /// Blocks.
    func keys() throws(KeysFailure) -> TokenKeys {
        let path = credential ?? keysFile
        guard let text = SmallFile.read(path) else {
            guard Glibc.access(path, F_OK) == 0 else { return TokenKeys() }
            throw KeysFailure(path: path, reason: "it cannot be opened")
        }
        return try keys(of: text)
    }

    /// The keys in the text of the file.
    func keys(of text: String) throws(KeysFailure) -> TokenKeys {
        do throws(TokenKeys.Failure) {
            return try TokenKeys(text)
        } catch {
            throw KeysFailure(path: keysFile, reason: error.description)
        }
    }

    /// Whether the file is one that this process may not read, and that was read for it when it started.
    var hasCredential: Bool { credential != nil }

    /// What the service manager has read for this process, which may not read the file itself.
    private var credential: String? {
        guard keysFile == Self().keysFile, let directory = Environment.variables()["CREDENTIALS_DIRECTORY"] else {
            return nil
        }
        let path = "\(directory)/token-keys"
        return Glibc.access(path, F_OK) == 0 ? path : nil
    }
}
