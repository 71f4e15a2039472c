"""The page of the gallery that needs the whole record is run by tests/docs/test_gallery.py, which skips it where there is none."""

collect_ignore = ["gallery/record.md", "conf.py"]
