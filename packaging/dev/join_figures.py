#!/usr/bin/env python3
"""Joins the documents of several benchmarks into one on stdout; refuses a figure without name, value or unit."""
import json
import sys

figures = []
for path in sys.argv[1:]:
    try:
        with open(path) as file:
            document = json.load(file)
        for figure in document["figures"]:
            figures.append({"name": figure["name"], "value": float(figure["value"]), "unit": figure["unit"],
                            "limit": None, "ratio": None, **figure})
    except (ValueError, KeyError, TypeError) as error:
        sys.exit(f"{path}: not a document of figures: {type(error).__name__}: {error}")
print(json.dumps({"figures": figures}, indent=1))
