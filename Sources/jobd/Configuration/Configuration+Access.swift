import Glibc
import JobAccess
import JobSystem
import Logging

extension Configuration.Access {
    /// Who may do what, with the keys as they are in the file now; without a file that can be read there are no tokens.
    ///
    /// Blocks.
    func policy(_ logger: Logger) -> AccessPolicy {
        AccessPolicy(anonymous: anonymous, keys: keys(logger), tokenLifetime: tokenLifetime)
    }

    private func keys(_ logger: Logger) -> TokenKeys {
        let path = credential ?? keysFile
        guard let text = SmallFile.read(path) else {
            if Glibc.access(path, F_OK) == 0 {
                logger.error("the keys of tokens cannot be read", metadata: ["file": "\(path)"])
            }
            return TokenKeys()
        }
        do throws(TokenKeys.Failure) {
            return try TokenKeys(text)
        } catch {
            logger.error("the keys of tokens cannot be read", metadata: ["file": "\(path)", "reason": "\(error)"])
            return TokenKeys()
        }
    }

    /// What the service manager has read for this process, which may not read the file itself.
    private var credential: String? {
        guard keysFile == Self().keysFile, let directory = Environment.variables()["CREDENTIALS_DIRECTORY"] else {
            return nil
        }
        let path = "\(directory)/token-keys"
        return Glibc.access(path, F_OK) == 0 ? path : nil
    }
}
