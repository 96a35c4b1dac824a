"""Reports as people ask for them: runs, their files, who may see them."""
