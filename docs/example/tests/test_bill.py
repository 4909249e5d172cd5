import unittest

from shop.bill import receipt, split_evenly


class SplitEvenly(unittest.TestCase):
    def test_shares_are_equal(self):
        self.assertEqual(split_evenly(900, 3), [300, 300, 300])

    def test_no_cent_is_lost(self):
        self.assertEqual(sum(split_evenly(1000, 3)), 1000)


class Receipt(unittest.TestCase):
    def test_one_line_per_person(self):
        self.assertEqual(receipt(800, ["Ada", "Bo"]), ["Ada: 4.00", "Bo: 4.00"])


if __name__ == "__main__":
    unittest.main()
