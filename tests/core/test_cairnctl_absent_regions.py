#!/usr/bin/env python3
# Regions of a member that is away are listed as refused, and said to lie there.
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import json
import unittest

from cairnctl_run import MIB, SimulatedTest, TwoTargetsTest

FAILED, USAGE = 1, 2


class AbsentRegions(TwoTargetsTest):
    """t1 holds a backup of db and t2 was never used; both are on the second member."""

    def setUp(self):
        super().setUp()
        self.run_ctl("backup", "db", "t1")
        self.run_ctl("region", "add", "gone", "--size", "1M", "--member", 2)
        self.run_ctl("region", "remove", "gone", "--yes")
        self.run_ctl("region", "add", "old", "--size", "1M", "--member", 2)
        self.run_ctl("region", "rename", "old", "new")

    def refused(self, uris=None):
        return {one["region"]: one for one in self.json("targets", "db", uris=uris)
                if one["verdict"] == "refused"}

    # Incident: they were not in the list, as though the array had never had them.
    def test_every_region_that_the_catalog_knows_is_listed_and_refused(self):
        self.members[1].rename(self.dir / "away.img")
        with self.nothing_changes():
            refused = self.refused()
            self.assertEqual(set(refused) - {"db", "cairn-catalog"}, {"t1", "t2", "new"})
            for name in ("t1", "t2", "new"):
                one = refused[name]
                self.assertEqual((one["member"], one["sizeBytes"], one["replaces"]),
                                 (2, None, None))
                self.assertEqual([why["reason"] for why in one["refusals"]], ["member-failed"])
                self.assertEqual(one["refusals"][0]["text"],
                                 f"its member {self.members[1]} is missing")
            table = self.run_ctl("targets", "db").stdout.decode()
            self.assertRegex(table, rf"t2 +2 +- +refused +its member {self.members[1]} is missing")
        (self.dir / "away.img").rename(self.members[1])
        self.assertNotIn("t2", self.refused())

    # Incident: "the array has no region t2", exit code 2, of one that the catalog had seen added.
    def test_a_command_says_on_which_missing_member_the_region_lies(self):
        listed = {one["name"]: one["id"] for one in self.json("region", "list")}
        self.members[1].unlink()
        for name in ("t1", "t2", "new", listed["t2"]):
            for words in (("backup", "db", name), ("region", "export", name, "-"),
                          ("region", "rename", name, "x"), ("targets", name)):
                with self.nothing_changes():
                    error = self.error(*words, expect=FAILED)
                self.assertEqual((error["code"], error["subject"]),
                                 ("MemberMissing", str(self.members[1])))
                self.assertIn("lies on it", error["message"])
        for name in ("gone", "old", "never"):
            error = self.error("backup", "db", name, expect=USAGE)
            self.assertEqual(error["code"], "UnknownRegion")

    def test_of_several_missing_members_each_may_be_meant(self):
        third = self.dir / "three.img"
        self.run_ctl("array", "add-member", third, "--member-size", "64M")
        for path in (self.members[1], third):
            path.unlink()
        refused = self.refused(uris=self.members)
        self.assertEqual(refused["t1"]["member"], 2, "its record tells on which it lies")
        self.assertIsNone(refused["t2"]["member"])
        error = self.error("backup", "db", "t2", expect=FAILED)
        self.assertEqual(error["code"], "MemberMissing")
        self.assertIn("t2 lies on one of them", error["message"])
        self.assertIn(str(third), error["message"])


class PulledDisk(SimulatedTest):
    def test_a_disk_that_was_pulled_keeps_its_regions_in_the_list(self):
        self.run_ctl("array", "create", "--member-size", "64M")
        for name, member in (("s", 1), ("t", 2)):
            self.run_ctl("region", "add", name, "--size", MIB, "--member", member)
        path = self.dir / "sim" / "simulation.json"
        described = json.loads(path.read_text())
        described["members"][1]["faults"]["pulled"] = True
        path.write_text(json.dumps(described))
        one = next(one for one in self.json("targets", "s") if one["region"] == "t")
        self.assertEqual((one["verdict"], one["member"]), ("refused", 2))
        self.assertIn("its member", one["refusals"][0]["text"])
        error = self.error("backup", "s", "t", expect=FAILED)
        self.assertIn(error["code"], ("MemberMissing", "MemberFailed"))
        self.assertIn("t lies on it", error["message"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
