"""Reads one page the way OMRChecker does, with OpenCV's Python binding, and prints the processor nanoseconds of each round.

    omr.py PAGE BLANK BOXES ROUNDS orb|none

BOXES is a file with a target a line: x y width height, in the blank's pixels. The steps are those of OMRChecker's template with
FeatureBasedAlignment (ORB, 1000 features, two-dimensional) or with no preprocessor: decode to grey, blur, stretch the levels, mean of each box,
one limit for the page at the widest gap between the means. On standard error: how many boxes lie below the limit.
"""
import sys
import time

import cv2
import numpy as np

page, blank, boxes, rounds, align = sys.argv[1:]
cv2.setNumThreads(1)
ref = cv2.imread(blank, cv2.IMREAD_GRAYSCALE)
height, width = ref.shape
targets = [tuple(int(v) for v in line.split()) for line in open(boxes)]
orb = cv2.ORB_create(1000)
matcher = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True)
ref_points, ref_features = orb.detectAndCompute(ref, None)


def read():
    img = cv2.imread(page, cv2.IMREAD_GRAYSCALE)
    if align == "orb":
        points, features = orb.detectAndCompute(img, None)
        found = sorted(matcher.match(features, ref_features), key=lambda m: m.distance)
        found = found[: len(found) * 9 // 10]
        m, _ = cv2.estimateAffine2D(np.float32([points[f.queryIdx].pt for f in found]), np.float32([ref_points[f.trainIdx].pt for f in found]))
        img = cv2.warpAffine(img, m, (width, height))
    else:
        img = cv2.resize(img, (width, height))
    img = cv2.normalize(cv2.GaussianBlur(img, (3, 3), 0), None, 0, 255, cv2.NORM_MINMAX)
    return [cv2.mean(img[y : y + h, x : x + w])[0] for x, y, w, h in targets]


for _ in range(int(rounds)):
    start = time.process_time_ns()
    means = read()
    print(time.process_time_ns() - start)
means.sort()
gap = max(range(len(means) - 1), key=lambda i: means[i + 1] - means[i])
print(gap + 1, "of", len(means), "boxes are marked", file=sys.stderr)
