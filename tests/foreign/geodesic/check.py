"""Checks distances against GeographicLib, the reference implementation of geodesics.

Reads `lat1,lon1,lat2,lon2,metres` a line on standard input, degrees on WGS84. Prints how many pairs were checked and the greatest
error; exits 1 if that is over one metre, or if nothing came.
"""

import sys

from geographiclib.geodesic import Geodesic

LIMIT_M = 1.0


def main() -> int:
    count, worst = 0, 0.0
    for line in sys.stdin:
        lat1, lon1, lat2, lon2, metres = (float(cell) for cell in line.split(","))
        exact = Geodesic.WGS84.Inverse(lat1, lon1, lat2, lon2, Geodesic.DISTANCE)["s12"]
        worst = max(worst, abs(exact - metres))
        count += 1
    print(f"{count} pairs, greatest error {worst * 1000:.6f} mm")
    return 0 if count and worst <= LIMIT_M else 1


if __name__ == "__main__":
    sys.exit(main())
