import GRDB
package import JobStorage

extension SQLiteJobStore {
    /// Writes everything that is stored at one moment to a new file, at a path where there is none.
    ///
    /// Reads through a connection of its own, so that neither commits nor other readers wait; every record is read and
    /// written anew, which also finds what is damaged. The file is not synced.
    package func copy(to path: String) async throws(StoreError) {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.label = "jobd.backup"
            configuration.busyMode = .timeout(5)
            let source = try DatabaseQueue(path: pool.path, configuration: configuration)
            defer { try? source.close() }
            try await source.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [path]) }
        } catch {
            throw StoreError(error)
        }
    }
}
