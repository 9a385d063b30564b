import JobDelivery
import Testing

/// Which addresses a message may go to.
struct IPAddressTests {
    @Test(arguments: [
        // This machine, this network, private networks.
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "172.16.0.1",
        "172.31.255.255", "192.168.0.1", "192.168.255.255",
        // A provider's translation, a link (and the metadata of clouds), protocols, documentation, measurements.
        "100.64.0.1", "100.127.255.255", "169.254.0.1", "169.254.169.254", "192.0.0.1", "192.0.0.170", "192.0.2.1",
        "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
        // Many receivers, later use, everybody.
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        // Version 6: unspecified, loopback, mapped and compatible ones, link, site, unique local, many receivers.
        "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:10.0.0.1", "::127.0.0.1", "::8.8.8.8",
        "fe80::1", "febf::1", "fec0::1", "fc00::1", "fd00::1", "fd12:3456:789a::1", "ff02::1",
        // Other names of version 4: translation, tunnels.
        "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::",
        "2002:808:808::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        // Documentation, discarded, not given out.
        "2001:db8::1", "3fff::1", "3fff:fff::1", "100::1", "4000::1", "8000::1", "2001:10::1", "2001:1ff::1",
    ])
    func whatIsNotPublicIsRefused(text: String) throws {
        #expect(try !#require(IPAddress(text)).isPublic)
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255",
        "128.0.0.1", "169.253.255.255", "169.255.0.1", "172.15.255.255", "172.32.0.1", "192.0.1.1", "192.167.255.255",
        "192.169.0.1", "198.17.255.255", "198.20.0.1", "203.0.112.255", "223.255.255.255",
        "2606:4700:4700::1111", "2a00:1450:4001:81b::200e", "2001:200::1", "2001:4860:4860::8888", "2003::1",
        "3ffe::1", "64:ff9b::8.8.8.8",
    ])
    func whatIsPublicIsNot(text: String) throws {
        #expect(try #require(IPAddress(text)).isPublic)
    }

    @Test(arguments: ["127.0.0.1", "0.0.0.0", "255.255.255.255", "::", "::1", "2001:db8::1", "::ffff:1.2.3.4"])
    func anAddressIsWrittenAsItIsRead(text: String) {
        #expect(IPAddress(text)?.description == text)
    }

    @Test(arguments: [
        "", "localhost", "1.2.3", "127.1", "0x7f000001", "2130706433", "fe80::1%eth0", "[::1]", "1.2.3.4 ",
    ])
    func whatIsNotWrittenSoIsAName(text: String) { #expect(IPAddress(text) == nil) }

    @Test func thisMachineKnowsItsOwnAddresses() throws {
        #expect(IPAddress.own().contains(try #require(IPAddress("127.0.0.1"))))
    }

    /// What the system makes of other ways to write an address of this machine is looked at, too.
    @Test(arguments: ["localhost", "127.1", "2130706433", "0x7f000001", "017700000001"])
    func otherWaysToWriteThisMachineAreLookedUp(name: String) async throws {
        guard case .success(let addresses) = await NameLookUp().addresses(of: name) else { return }
        #expect(!addresses.isEmpty && addresses.allSatisfy { !$0.isPublic })
    }

    @Test func aNameThatIsNotThereIsAProblemInWords() async {
        guard case .failure(let failure) = await NameLookUp().addresses(of: "name.invalid") else {
            Issue.record("found")
            return
        }
        #expect(failure.description.contains("name.invalid"))
    }

    @Test func thoseWhoAskForOneNameAtTheSameTimeGetTheSame() async {
        let lookUp = NameLookUp()
        let outcomes = await withTaskGroup(of: NameLookUp.Outcome.self) { group in
            for _ in 0..<50 { group.addTask { await lookUp.addresses(of: "127.0.0.1") } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let expected = ["127.0.0.1"].compactMap(IPAddress.init)
        #expect(outcomes.count == 50 && outcomes.allSatisfy { (try? $0.get()) == expected })
    }
}
