import Testing

@testable import jobd

@Suite(.timeLimit(.minutes(5)))
struct UnitDropInTests {
    @Test func whatTheUnitsGiveAsShippedNeedsNone() throws {
        let configuration = try Configuration.read(
            """
            [[pipelines.scan.steps]]
            name = "scan"
            run = ["clamscan", "{input}"]
            read = ["/var/lib/clamav", "/runner"]
            network = true
            home = true
            """, file: "f")
        #expect(UnitDropIn.all(for: configuration) == [])
    }

    @Test func whatAStepWritesAndWhatAUnitHidesIsGivenByOne() throws {
        let configuration = try Configuration.read(
            """
            [[pipelines.put.steps]]
            name = "put"
            run = ["put", "{input}"]
            write = ["/srv/results", "/run/printer"]
            read = ["/run/clamav", "/tmp", "/etc/put"]
            """, file: "f")
        #expect(
            UnitDropIn.all(for: configuration).flatMap(\.description) == [
                "jobd-steps-open.service needs these lines in /etc/systemd/system/jobd-steps-open.service.d/jobd.conf, "
                    + "then systemctl daemon-reload and systemctl restart jobd-steps-open.service:",
                "    [Service]", "    BindPaths=-/run/printer", "    ReadWritePaths=-/srv/results",
                "    BindReadOnlyPaths=-/run/clamav", "    BindReadOnlyPaths=-/tmp",
            ])
    }

    @Test func anotherStorageIsShownToBothUnits() throws {
        let configuration = try Configuration.read("storage.directory = \"/srv/jobd\"", file: "f")
        let lines = ["TemporaryFileSystem=/srv/jobd:ro,mode=755", "BindPaths=/srv/jobd/runs"]
        #expect(
            UnitDropIn.all(for: configuration) == [
                UnitDropIn(unit: "jobd-steps.service", lines: lines),
                UnitDropIn(unit: "jobd-steps-open.service", lines: lines),
            ])
    }
}
